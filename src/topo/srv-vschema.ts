import { AuthError, ConflictError, FailedError, UnreachableError } from "../errors.js";
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
        const [inputs, stored] = await Promise.all([readInputs(global), readCells(cells, names)]);
        if (stored.every((contents) => contents.equals(assemble(inputs, contents)))) return;
      }
      throw new ConflictError(`SrvVSchema was rebuilt ${ROUNDS} times, and each time a VSchema or rule had changed`, {
        hint: "Find out who keeps changing them, then repeat the command.",
      });
    },
  };
}

/** VSchemas by keyspace, and the rules by their field in SrvVSchema; undefined where there is no file. */
interface Inputs {
  vschemas: [keyspace: string, contents: Buffer | undefined][];
  rules: [field: number, contents: Buffer | undefined][];
}

async function readInputs(global: Conn): Promise<Inputs> {
  const keyspaces = await global.listDir("keyspaces");
  const contents = async (path: string) => (await getIfExists(global, path))?.contents;
  return {
    vschemas: await Promise.all(
      keyspaces.map(async (name) => [name, await contents(vschemaPath(name))] satisfies [string, unknown]),
    ),
    rules: await Promise.all(
      [...RULE_FILES].map(async ([field, path]) => [field, await contents(path)] satisfies [number, unknown]),
    ),
  };
}

/**
 * From the stored bytes, undecoded, so that fields that we don't know come through; last what a newer Vitess has added
 * to the record that is replaced.
 */
function assemble({ vschemas, rules }: Inputs, replaced: Buffer): Buffer {
  const before = fieldsOf(PATH, replaced);
  // Vitess writes empty rules too, of those kinds that its version knows.
  const written = new Set([ROUTING_RULES, ...before.map((field) => field.number)]);
  const empty = Buffer.alloc(0);
  return Buffer.concat([
    ...vschemas.map(([keyspace, contents]) => mapEntry(KEYSPACES, keyspace, contents ?? empty)),
    ...rules
      .filter(([field, contents]) => contents !== undefined || written.has(field))
      .map(([field, contents]) => lengthDelimited(field, contents ?? empty)),
    ...before.filter((field) => field.number > LAST_KNOWN_FIELD).map((field) => field.raw),
  ]);
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
  const Kind =
    [UnreachableError, AuthError].find((Each) => failed.every(({ reason }) => reason instanceof Each)) ?? FailedError;
  throw new Kind(message, {
    hint: "The vtgates of those cells work by the old one until it is rebuilt.",
    cause: failed[0]?.reason,
  });
}

async function writeCell(global: Conn, cells: Cells, cell: string): Promise<void> {
  await editFile(await cells.cell(cell), PATH, async (contents = Buffer.alloc(0)) =>
    assemble(await readInputs(global), contents),
  );
}

async function readCells(cells: Cells, names: string[]): Promise<Buffer[]> {
  return Promise.all(names.map(async (cell) => (await (await cells.cell(cell)).get(PATH)).contents));
}
