/** Is a request meant for this tablet (go/vt/vttablet/tabletserver/state_manager.go, verifyTargetLocked)? */
import { status } from "@grpc/grpc-js";
import type { Target__Output } from "../../../wire/generated/query/Target.js";
import { TabletError } from "../errors.js";
import type { TabletState } from "../state.js";

export function verifyTarget(state: TabletState, target: Target__Output | null): void {
  if (target === null) throw new TabletError(status.INVALID_ARGUMENT, "No target");
  const { keyspace, shard } = state.identity;
  if (target.keyspace !== keyspace) {
    throw invalid(`invalid keyspace ${target.keyspace} does not match expected ${keyspace}`);
  }
  if (target.shard !== shard) throw invalid(`invalid shard ${target.shard} does not match expected ${shard}`);
  if (target.tablet_type !== state.type) {
    const called = (type: string) => (type === "PRIMARY" ? state.profile.primaryName : type);
    const text = `wrong tablet type: ${called(target.tablet_type)}, want: ${called(state.type)} or []`;
    throw new TabletError(status.FAILED_PRECONDITION, text);
  }
}

function invalid(text: string): TabletError {
  return new TabletError(status.INVALID_ARGUMENT, text);
}
