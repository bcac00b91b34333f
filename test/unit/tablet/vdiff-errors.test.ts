import { describe, expect, test } from "vitest";
import { ConflictError, FailedError, NotFoundError, UnreachableError } from "../../../src/errors.js";
import { grpc } from "../../../src/tablet/grpc/channel.js";
import { toTabletError } from "../../../src/tablet/grpc/errors.js";
import { NoSuchCallError } from "../../../src/tablet/port.js";
import { record } from "../vdiff/tablet-engine/toy-engines.js";

const { UNKNOWN } = grpc().status;
const UUID = "11111111-2222-3333-4444-555555555555";

/** As v22 wraps a sentence, and as v18 does. */
const once = (text: string) => `TabletManager.VDiff on zone1-0000000001: ${text}`;
const doubled = (text: string) => `TabletManager.VDiff on zone1-0000000001 error: ${text}: ${text}`;

function failed(method: string, details: string) {
  const call = { record: record("zone1", 1, "PRIMARY"), method, timeoutMs: 1_000 };
  return toTabletError(Object.assign(new Error(details), { code: UNKNOWN, details }), call);
}

describe("what the VDiff RPC refuses", () => {
  test.each([
    ["vdiff engine is closed", doubled, UnreachableError],
    ["vdiff engine is still trying to open", doubled, UnreachableError],
    ["vdiff engine is closed", once, UnreachableError],
    [`no vdiff found for UUID ${UUID} on tablet cell:"zone1" uid:1`, doubled, NotFoundError],
    [`no vdiff found for UUID ${UUID} on tablet zone1-0000000001`, once, NotFoundError],
    [`vdiff with UUID ${UUID} not found on tablet cell:"zone1" uid:1`, doubled, NotFoundError],
    [`vdiff with UUID ${UUID} already exists on tablet cell:"zone1" uid:1`, doubled, ConflictError],
    [`no completed or stopped vdiff found for UUID ${UUID} on tablet x`, doubled, ConflictError],
    ["action stop not supported", doubled, NoSuchCallError],
    ["disk full", doubled, FailedError],
  ])("%s", (text, wrapped, kind) => {
    const error = failed("VDiff", wrapped(text));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toBe(`tablet zone1-0000000001: ${text}`);
  });

  test("is no matter of other calls", () => {
    const error = failed("VReplicationExec", "vdiff engine is closed");
    expect(error).toBeInstanceOf(FailedError);
  });
});
