import { describe, expect, it } from "vitest";
import { updateRequest } from "../../../src/tablet/grpc/update-request.js";
import type { WorkflowUpdate } from "../../../src/tablet/port.js";
import { encode } from "../../../src/wire/proto.js";

const bytes = (update: WorkflowUpdate) =>
  encode("tabletmanagerdata.UpdateVReplicationWorkflowRequest", updateRequest({ ...update, workflow: "wf" })).toString(
    "hex",
  );

const workflow = "0a027766";
/** An enum's -1: ten bytes, as protobuf writes negative numbers. */
const same = "ffffffffffffffffff01";

describe("UpdateVReplicationWorkflowRequest", () => {
  it("names what stays: NULL for cells, -1 for types, on_ddl and state, and no preference", () => {
    expect(bytes({})).toBe(`${workflow}12044e554c4c1a0a${same}200328${same}30${same}`);
  });

  it("has what changes; an empty list of cells is none, and IGNORE is written out", () => {
    const tabletTypes = { inOrder: true, types: ["REPLICA" as const, "PRIMARY" as const] };
    expect(bytes({ cells: [], tabletTypes, onDdl: "IGNORE" })).toBe(`${workflow}1a0202012001280030${same}`);
    expect(bytes({ cells: ["zx", "zy"], tabletTypes: { ...tabletTypes, inOrder: false }, onDdl: "EXEC" })).toBe(
      `${workflow}12027a7812027a791a0202012003280230${same}`,
    );
  });
});
