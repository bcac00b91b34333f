import { ConflictError, FailedError, UnreachableError } from "../errors.js";
import { lengthDelimited, mapEntry } from "../wire/fields.js";
import { editFile, getIfExists } from "./cas.js";
import type { Cells } from "./cells.js";
import type { Conn, Topo } from "./port.js";
import { fieldsOf } from "./stored.js";
import { vschemaPath } from "./vschema.js";

export type SrvVSchemaRecords = Pick<Topo, "rebuildSrvVSchema" | "srvVSchema">;

const PATH = "SrvVSchema";

/** vschema.SrvVSchema's fields; `KEYSPACES` is a map. Each of the others is a file of the global topology. */
const KEYSPACES = 1;
const ROUTING_RULES = 2;
const RULE_FILES = new Map([
  [ROUTING_RULES, "RoutingRules"],
  [3, "ShardRoutingRules"],
  [4, "routing_rules/keyspace/Rules"],
  [5, "MirrorRules"],
]);
const LAST_KNOWN_FIELD = 5;

/** Somebody who changes a VSchema more often than this while we rebuild is a fault to report. */
const ROUNDS = 10;

/** What vtgates and tablets of a cell read (go/vt/topo/vschema.go and srv_vschema.go, RebuildSrvVSchema). */
export function srvVSchemaRecords(global: Conn, cells: Cells): SrvVSchemaRecords {
  return {
    async srvVSchema(cell) {
      return (await (await cells.cell(cell)).get(PATH)).contents;
    },

    /**
     * Vitess writes blindly, so that of two rebuilds the older view can win. Here the inputs are read after the
     * version that is replaced, so that an older view of ours can't; and since others do write blindly, inputs and
     * cells are read again, and it starts over when they don't agree.
     */
    async rebuildSrvVSchema(wanted) {
      const names = wanted ?? (await cells.cells());
      for (let round = 1; round <= ROUNDS; round++) {
        await writeCells(global, cells, names);
        const [assembled, stored] = await Promise.all([assemble(global), readCells(cells, names)]);
        if (stored.every((contents) => isRebuilt(contents, assembled))) return;
      }
      throw new ConflictError(`SrvVSchema was rebuilt ${ROUNDS} times, and each time a VSchema or rule had changed`, {
        hint: "Find out who keeps changing them, then repeat the command.",
      });
    },
  };
}

/** From the stored bytes, undecoded: fields that we don't know come through. */
async function assemble(global: Conn): Promise<Buffer> {
  const keyspaces = await global.listDir("keyspaces");
  const entries = await Promise.all(
    keyspaces.map(async (keyspace) => {
      const file = await getIfExists(global, vschemaPath(keyspace));
      return mapEntry(KEYSPACES, keyspace, file?.contents ?? Buffer.alloc(0));
    }),
  );
  const rules = await Promise.all(
    [...RULE_FILES].map(async ([field, path]) => {
      const file = await getIfExists(global, path);
      // Routing rules are always there in what Vitess writes, the others since different versions.
      if (file === undefined && field !== ROUTING_RULES) return Buffer.alloc(0);
      return lengthDelimited(field, file?.contents ?? Buffer.alloc(0));
    }),
  );
  return Buffer.concat([...entries, ...rules]);
}

async function writeCells(global: Conn, cells: Cells, names: string[]): Promise<void> {
  const outcomes = await Promise.allSettled(names.map((cell) => writeCell(global, cells, cell)));
  const failed = names.flatMap((cell, index) => {
    const outcome = outcomes[index];
    return outcome?.status === "rejected" ? [{ cell, reason: outcome.reason }] : [];
  });
  if (failed.length === 0) return;
  const written = names.filter((name) => !failed.some(({ cell }) => cell === name));
  const what = failed.map(({ cell, reason }) => `${cell} (${reason instanceof Error ? reason.message : reason})`);
  const message =
    `SrvVSchema could not be written in ${what.join(", ")}; ` +
    (written.length === 0 ? "no cell has it" : `it was written in ${written.join(", ")}`);
  const Kind = failed.every(({ reason }) => reason instanceof UnreachableError) ? UnreachableError : FailedError;
  throw new Kind(message, {
    hint: "The vtgates of those cells work by the old one until it is rebuilt.",
    cause: failed[0]?.reason,
  });
}

async function writeCell(global: Conn, cells: Cells, cell: string): Promise<void> {
  await editFile(await cells.cell(cell), PATH, async (contents = Buffer.alloc(0)) =>
    Buffer.concat([await assemble(global), unknownFields(contents)]),
  );
}

async function readCells(cells: Cells, names: string[]): Promise<Buffer[]> {
  return Promise.all(names.map(async (cell) => (await (await cells.cell(cell)).get(PATH)).contents));
}

function isRebuilt(stored: Buffer, assembled: Buffer): boolean {
  return stored.subarray(0, stored.length - unknownFields(stored).length).equals(assembled);
}

/** A newer Vitess's additions, whose sources we don't know. */
function unknownFields(srvVSchema: Buffer): Buffer {
  const unknown = fieldsOf(PATH, srvVSchema).filter((field) => field.number > LAST_KNOWN_FIELD);
  return Buffer.concat(unknown.map((field) => field.raw));
}
