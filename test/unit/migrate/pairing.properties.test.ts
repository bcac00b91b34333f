import fc from "fast-check";
import { expect, it } from "vitest";
import { PreflightError } from "../../../src/errors.js";
import { type Pair, type PairingInput, planPairs } from "../../../src/migrate/create/routes/pairing.js";
import { type ProfileName, profiles } from "../../../src/sandbox/tablet/profiles.js";
import { LocalVSchema } from "../../../src/sandbox/tablet/vstream/local-vschema.js";
import { keyspaceIdOfRow } from "../../../src/sandbox/tablet/vstream/vindex.js";
import { keyRangeContains, parseKeyRange } from "../../../src/wire/key-range.js";
import { keyspaceIdFunction } from "../../../src/wire/keyspace-id/keyspace-id.js";
import type { MessageInput } from "../../../src/wire/proto.js";
import { keyspaceVSchema, srvVSchema } from "../../support/vschemas.js";

type KeyspaceInput = MessageInput<"vschema.Keyspace">;
type TableInput = NonNullable<KeyspaceInput["tables"]>[string];
type Row = Record<string, Buffer>;

const COLUMNS = ["id", "other", "zip"];
const TYPES: Record<string, string> = { id: "INT64", other: "INT64", zip: "VARCHAR" };

/** Vindexes and the columns they may stand on. Names are few, so that they clash between keyspaces. */
const oneColumn = fc.constantFrom("hash", "xxhash", "binary_md5", "numeric", "reverse_bits", "binary", "null");
const vindex = fc.oneof(
  { weight: 4, arbitrary: oneColumn.map((type) => ({ type, params: {} })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "1,7", "4,4").map((column_bytes) => ({
      type: "multicol",
      params: { column_count: "2", column_bytes },
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("1", "2")
      .map((region_bytes) => ({ type: "region_experimental", params: { region_bytes } })),
  },
);
const name = fc.constantFrom("hash", "xxhash", "null", "v", "w");
const vindexes = fc.dictionary(name, vindex, { maxKeys: 4 });

/** How a sharded keyspace has a table: whole in each shard, or by one of its vindexes. */
function tableOf(declared: Record<string, { type: string }>): fc.Arbitrary<TableInput> {
  const names = Object.keys(declared);
  const reference = fc.constant({ type: "reference" });
  if (names.length === 0) return reference;
  const spread = fc.tuple(fc.constantFrom(...names), fc.constantFrom("id", "other", "ID")).map(([name, column]) => {
    const two = ["multicol", "region_experimental"].includes(declared[name]?.type ?? "");
    return { column_vindexes: [two ? { name, columns: [column, "zip"] } : { name, column }] };
  });
  return fc.oneof({ weight: 1, arbitrary: reference }, { weight: 4, arbitrary: spread });
}

const TABLES = ["a", "b", "c"];
const shardedKeyspace: fc.Arbitrary<KeyspaceInput> = vindexes.chain((declared) =>
  fc
    .record(Object.fromEntries(TABLES.map((table) => [table, tableOf(declared)])))
    .map((tables) => ({ sharded: true, vindexes: declared, tables })),
);

/** Shard names that cover everything, cut at random bytes. */
const partition = fc.uniqueArray(fc.integer({ min: 1, max: 0xfffe }), { maxLength: 5 }).map((cuts) => {
  const hex = cuts.sort((a, b) => a - b).map((cut) => cut.toString(16).padStart(4, "0").replace(/00$/, ""));
  return ["", ...hex].map((start, index) => `${start}-${hex[index] ?? ""}`);
});

const sharded = fc.record({ vschema: shardedKeyspace, shards: partition });
const unsharded = vindexes.map((declared) => ({ vschema: { vindexes: declared }, shards: ["0"] }));
const side = fc.oneof({ weight: 3, arbitrary: sharded }, { weight: 1, arbitrary: unsharded });
/** Half of the time the target's sharding is the source's, under other shards. */
const sides = fc.oneof(
  fc.record({ source: side, target: side }),
  fc.record({ source: sharded, shards: partition }).map(({ source, shards }) => ({
    source,
    target: { vschema: source.vschema, shards },
  })),
);

const row: fc.Arbitrary<Row> = fc
  .record({
    id: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
    other: fc.integer({ min: 0, max: 1000 }),
    zip: fc.integer({ min: 1, max: 99_999 }),
  })
  .map((values) => Object.fromEntries(COLUMNS.map((column) => [column, Buffer.from(String(values[column as "id"]))])));

const cells = fc.array(
  fc.dictionary(
    fc.constantFrom("k", "l"),
    vindexes.map((declared) => ({ vindexes: declared })),
  ),
  {
    minLength: 1,
    maxLength: 2,
  },
);

/** The shards of a side that have, or should have, a row; worked out without any filter. */
function shardsOf(vschema: KeyspaceInput, shards: string[], table: string, row: Row): string[] {
  const entry = vschema.tables?.[table];
  if (vschema.sharded !== true || entry?.type === "reference") return shards;
  const [columnVindex] = entry?.column_vindexes ?? [];
  const { type = "", params } = vschema.vindexes?.[columnVindex?.name ?? ""] ?? {};
  const columns = columnVindex?.columns ?? [columnVindex?.column ?? ""];
  const lowered = columns.map((column) => column.toLowerCase());
  const values = lowered.map((column) => row[column] ?? null);
  const id = keyspaceIdFunction(type, params ?? {})?.(
    values,
    lowered.map((column) => TYPES[column]),
  );
  if (id === null || id === undefined) throw new Error(`no keyspace id by ${type}`);
  return shards.filter((shard) => keyRangeContains(parseKeyRange(shard), id));
}

/** Whether a source tablet's vstreamer lets a row through a stream's rule. */
function accepts(tablet: LocalVSchema, pair: Pair, table: string, row: Row): boolean {
  const filter = pair.rules.find(({ match }) => match === table)?.filter ?? "";
  const [, args] = /^select \* from \w+(?: where in_keyrange\((.*)\))?$/.exec(filter) ?? ["", "unreadable"];
  if (args === undefined) return true;
  const texts = args.split(", ").map((arg) => arg.replace(/^'(.*)'$/, "$1"));
  const range = parseKeyRange(texts.at(-1) ?? "");
  const { vindex, columns } =
    texts.length === 1
      ? tablet.findBestColumnVindex(table)
      : { vindex: tablet.findOrCreateVindex(texts.at(-2) ?? ""), columns: texts.slice(0, -2) };
  const lowered = columns.map((column) => column.toLowerCase());
  const values = lowered.map((column) => row[column] ?? null);
  return keyRangeContains(
    range,
    keyspaceIdOfRow(
      vindex,
      values,
      lowered.map((column) => TYPES[column] ?? ""),
    ),
  );
}

it("every row reaches each of its target shards exactly once, and no other", () => {
  let planned = 0;
  let intersecting = 0;
  fc.assert(
    fc.property(
      sides,
      cells,
      fc.array(row, { minLength: 1, maxLength: 8 }),
      fc.constantFrom<ProfileName>("v14", "v22"),
      ({ source, target }, others, rows, profile) => {
        const sourceCells = others.map((keyspaces, index) => ({
          cell: `z${index}`,
          vschema: srvVSchema({ ...keyspaces, src: source.vschema }),
        }));
        const input: PairingInput = {
          source: { keyspace: "src", shards: source.shards, vschema: keyspaceVSchema(source.vschema) },
          target: { keyspace: "dst", shards: target.shards, vschema: keyspaceVSchema(target.vschema) },
          tables: TABLES.map((name) => ({ name, columns: COLUMNS, primaryKey: ["id"] })),
          sourceCells,
        };
        let pairs: Pair[];
        try {
          pairs = planPairs(input);
        } catch (error) {
          // Only where the source has no name for a vindex: with the target's own sharding it always has.
          if (!(error instanceof PreflightError) || !error.message.startsWith("the source cluster")) throw error;
          fc.pre(false);
          return;
        }
        planned++;
        if (pairs.length < source.shards.length * target.shards.length) intersecting++;
        for (const { rules } of pairs) expect(rules.map(({ match }) => match)).toEqual(TABLES);
        for (const { vschema } of sourceCells) {
          const tablet = new LocalVSchema(profiles[profile], "src", vschema);
          for (const table of TABLES) {
            for (const row of rows) {
              const at = shardsOf(source.vschema, source.shards, table, row);
              const arrived = pairs
                .filter((pair) => at.includes(pair.source) && accepts(tablet, pair, table, row))
                .map((pair) => pair.target);
              expect(arrived.sort()).toEqual([...shardsOf(target.vschema, target.shards, table, row)].sort());
            }
          }
        }
      },
    ),
    { numRuns: 400 },
  );
  expect(planned).toBeGreaterThanOrEqual(400);
  expect(intersecting).toBeGreaterThan(20);
});
