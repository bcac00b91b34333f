/** PrimaryPosition (MasterPosition in v11) and WaitForPosition. */
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { decodePosition } from "../decode-position.js";
import type { UnaryMethod } from "../server.js";
import type { TabletState } from "../state.js";

export function primaryPosition(
  state: TabletState,
): UnaryMethod<unknown, MessageInput<"tabletmanagerdata.PrimaryPositionResponse">> {
  return () => ({ position: state.position });
}

/** Waits until the tablet's own MySQL has executed the position. */
export function waitForPosition(
  state: TabletState,
): UnaryMethod<MessageOutput<"tabletmanagerdata.WaitForPositionRequest">, Record<string, never>> {
  return async (request, { signal }) => {
    const { flavor, gtidSet } = decodePosition(request.position);
    if (flavor !== "MySQL56" && flavor !== "") throw new Error(`mismatched flavors: ${flavor} and MySQL56`);
    await state.mysql.waitForGtid(gtidSet, signal);
    return {};
  };
}
