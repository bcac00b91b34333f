import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PreflightError, UsageError } from "../../../src/errors.js";
import { requireStorable } from "../../../src/migrate/create/stored-size.js";
import {
  insertStatement,
  type PlannedStream,
  planStreams,
  type RowSettings,
  type StreamSettings,
  workflowSubType,
} from "../../../src/migrate/create/streams.js";
import { chooseTables } from "../../../src/migrate/create/tables.js";
import type { Capabilities } from "../../../src/tablet/capabilities.js";
import type { Tablet } from "../../../src/tablet/port.js";
import { parseTabletTypes } from "../../../src/tablet/types.js";
import { formatBinlogSource, parseBinlogSource } from "../../../src/wire/binlog-source.js";
import { decode, encode } from "../../../src/wire/proto.js";
import type { Target } from "../../../src/workflow/targets.js";
import { recordedText } from "../../support/recorded-insert.js";

const V11 = "id workflow source pos stop_pos max_tps max_replication_lag cell tablet_types time_updated";
const LATER = "time_heartbeat workflow_type workflow_sub_type defer_secondary_keys options";

function capabilities(columns: string, maxSourceBytes = 16_777_215): Capabilities {
  const names = new Set(columns.split(" "));
  return { columns: names, beforeV12: !names.has("time_heartbeat"), maxSourceBytes };
}

const shard = (name: string) => ({
  keyspace: "commerce",
  name,
  primaryAlias: undefined,
  isPrimaryServing: true,
  tabletControls: [],
});
const primary = { record: { alias: "zone1-0000000001", dbName: "vt_commerce" } } as Tablet;
const target: Target = { shard: shard("0"), primary };

const unsharded = decode("vschema.Keyspace", Buffer.alloc(0));
const settings: Omit<StreamSettings, "tables"> = {
  source: { mount: "ext1", keyspace: "commerce" },
  targetKeyspace: "commerce",
  vschemas: { target: unsharded, source: unsharded, sourceCells: [] },
  partial: false,
  onDdl: "IGNORE",
  stopAfterCopy: false,
  sourceTimeZone: "",
  targetTimeZone: "",
};

function plan(names: string[], changed: Partial<StreamSettings> = {}): PlannedStream[] {
  const tables = names.map((name) => ({ name, columns: ["id"], primaryKey: ["id"] }));
  return planStreams([target], [shard("0")], { ...settings, tables, ...changed });
}

const rows: RowSettings = {
  workflow: "wf",
  cells: ["zx"],
  tabletTypes: parseTabletTypes("in_order:REPLICA,PRIMARY"),
  deferSecondaryKeys: undefined,
  subType: 0,
  now: new Date(1_795_367_974_000),
};

function insert(stream: PlannedStream | undefined, known: Capabilities, changed: Partial<RowSettings> = {}): string {
  if (stream === undefined) throw new Error("no stream was planned");
  return insertStatement(stream, { ...rows, ...changed }, known);
}

describe("the INSERT of a stream", () => {
  it("is what v22's vtctld sent, with the type that a Migrate has", () => {
    const [stream] = plan(["corder", "customer", "notes", "product"]);
    // vtctlclient stores MoveTables (1); vtctldclient's commands need 3.
    const recorded = recordedText(/insert into _vt\.vreplication/).replace(
      "'vt_commerce', 1, 0,",
      "'vt_commerce', 3, 0,",
    );
    expect(insert(stream, capabilities(`${V11} ${LATER}`))).toBe(recorded);
  });

  it("has only v11's columns and words for a v11 tablet", () => {
    const statement = insert(plan(["product"])[0], capabilities(V11));
    expect(statement).toContain("state, db_name) values ('wf', ");
    expect(statement).toContain("'zx', 'replica,master', 1795367974, 0, 'Stopped', 'vt_commerce')");
  });

  it("doesn't defer secondary keys where the version wouldn't by itself", () => {
    const v18 = `${V11} time_heartbeat workflow_type workflow_sub_type defer_secondary_keys`;
    expect(insert(plan(["product"])[0], capabilities(v18))).toMatch(/'vt_commerce', 3, 0, false\)$/);
  });

  it("is refused when the filters are longer than the column", () => {
    const [stream] = plan(Array.from({ length: 1000 }, (_, i) => `table_number_${i}`));
    expect(() => insert(stream, capabilities(V11, 65_535))).toThrow(PreflightError);
    expect(() => insert(stream, capabilities(`${V11} ${LATER}`))).not.toThrow();
  });

  it("keeps awkward names whole", () => {
    const [stream] = plan(["we\"ird`s 'table\\", "order"]);
    const rules = parseBinlogSource(
      /values \('wf', '(.*)', '', 92/s.exec(insert(stream, capabilities(V11)))?.[1]?.replace(/\\(.)/gs, "$1") ?? "",
    ).filter.rules;
    expect(rules).toEqual([
      { match: "we\"ird`s 'table\\", filter: "select * from `we\"ird``s 'table\\`" },
      { match: "order", filter: "select * from `order`" },
    ]);
  });
});

describe("the INSERT's sub type", () => {
  it("is stored where the column is", () => {
    const v22 = capabilities(`${V11} ${LATER}`);
    expect(insert(plan(["product"])[0], v22, { subType: 1 })).toContain("'vt_commerce', 3, 1, ");
    expect(insert(plan(["product"])[0], capabilities(V11), { subType: 1 })).toMatch(/'vt_commerce'\)$/);
  });

  it("is one of the two", () => {
    expect(workflowSubType({ partial: false, atomicCopy: false })).toBe(0);
    expect(workflowSubType({ partial: true, atomicCopy: false })).toBe(1);
    expect(workflowSubType({ partial: false, atomicCopy: true })).toBe(2);
    expect(() => workflowSubType({ partial: true, atomicCopy: true })).toThrow(UsageError);
  });
});

describe("planStreams", () => {
  const other: Target = { shard: shard("80-"), primary };
  const sharded = { ...unsharded, sharded: true };

  it("makes a stream for every pair, and lets streams of a target share their rules", () => {
    const targets = [{ shard: shard("-80"), primary }, other];
    const vschema = decode(
      "vschema.Keyspace",
      encode("vschema.Keyspace", {
        sharded: true,
        vindexes: { hash: { type: "hash" } },
        tables: { t: { column_vindexes: [{ column: "id", name: "hash" }] } },
      }),
    );
    const streams = planStreams(targets, [shard("-40"), shard("40-")], {
      ...settings,
      tables: [{ name: "t", columns: ["id"], primaryKey: ["id"] }],
      vschemas: { target: vschema, source: sharded, sourceCells: [] },
      onDdl: "EXEC",
      stopAfterCopy: true,
    });
    expect(streams.map((each) => [each.target.shard.name, each.sourceShard])).toEqual([
      ["-80", "-40"],
      ["-80", "40-"],
      ["80-", "-40"],
      ["80-", "40-"],
    ]);
    expect(streams[0]?.source.filter.rules).toBe(streams[1]?.source.filter.rules);
    expect(formatBinlogSource(streams[2]?.source ?? fail())).toBe(
      'keyspace:"commerce" shard:"-40" filter:{rules:{match:"t" filter:"select * from t where in_keyrange(id, \'hash\', \'80-\')"}} on_ddl:EXEC stop_after_copy:true external_cluster:"ext1"',
    );
  });

  it("writes both time zones", () => {
    const [stream] = plan(["t"], { sourceTimeZone: "Europe/Berlin", targetTimeZone: "UTC" });
    expect(insert(stream, capabilities(`${V11} ${LATER}`))).toContain(
      'external_cluster:"ext1" source_time_zone:"Europe/Berlin" target_time_zone:"UTC"',
    );
    expect(() => insert(stream, capabilities(V11, 65_535))).toThrow(
      "tablets older than Vitess v14 can't convert time zones",
    );
    expect(() => insert(stream, capabilities(`${V11} time_heartbeat`))).toThrow("older than Vitess v14");
  });
});

describe("requireStorable", () => {
  const v11 = capabilities(V11, 65_535);
  const names = (count: number) =>
    Array.from({ length: count }, (_, i) => `table_${String(i).padStart(4, "0")}${i % 7 === 0 ? '_é"long' : ""}`);
  const check = (streams: PlannedStream[], known: Capabilities) => requireStorable(streams, new Map([[target, known]]));

  function refusal(streams: PlannedStream[], known: Capabilities): PreflightError {
    try {
      check(streams, known);
    } catch (error) {
      if (error instanceof PreflightError) return error;
    }
    throw new Error("it was stored");
  }

  const size = (text: string) => Buffer.byteLength(text);
  const logged = (text: string) => Buffer.byteLength(JSON.stringify(text)) - 2;

  it.each([
    ["the column", capabilities(`${V11} ${LATER}`, 65_535), size, "stores 65535"],
    ["the log of v11", v11, logged, "has room for 62535 in its log of streams"],
    ["the log of v14", capabilities(`${V11} time_heartbeat`), logged, "has room for 62535 in its log of streams"],
  ])("knows to the byte what fits into %s, and proposes workflows that do", (_, known, sizeOf, said) => {
    const tables = names(2500);
    const error = refusal(plan(tables), known);
    const [, bytes, room, fits] =
      /take (\d+) bytes, and 0\/zone1-0000000001 (.*): (\d+) of them fit/.exec(error.message) ?? [];
    expect(Number(bytes)).toBe(sizeOf(formatBinlogSource(plan(tables)[0]?.source ?? fail())));
    expect(room).toBe(said);
    const most = Number(fits);
    expect(() => check(plan(tables.slice(0, most)), known)).not.toThrow();
    expect(() => check(plan(tables.slice(0, most + 1)), known)).toThrow(PreflightError);

    const parts = [...(error.hint ?? "").matchAll(/\d\. (\S+) to (\S+) \((\d+) tables\)/g)];
    expect(error.hint).toContain(`Make ${parts.length} workflows, with -tables: `);
    const covered = parts.flatMap(([, first = "", last = "", length]) => {
      const part = tables.slice(tables.indexOf(first), tables.indexOf(last) + 1);
      expect(part.length).toBe(Number(length));
      expect(() => check(plan(part), known)).not.toThrow();
      return part;
    });
    expect(covered).toEqual(tables);
  });

  it("doesn't mind the length of what newer tablets log", () => {
    expect(() => check(plan(names(2500)), capabilities(`${V11} ${LATER}`))).not.toThrow();
  });

  it("holds for each stream, and agrees with what is stored, at any limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 100, max: 3000 }), (count, limit) => {
        const streams = plan(names(count));
        const size = Buffer.byteLength(formatBinlogSource(streams[0]?.source ?? fail()));
        const stored = () => check(streams, capabilities(V11, limit));
        if (size <= limit) expect(stored).not.toThrow();
        else expect(stored).toThrow(PreflightError);
      }),
    );
  });

  it("says when a single table is too long", () => {
    const error = refusal(plan(["a", "b".repeat(60)]), capabilities(V11, 160));
    expect(error.message).toMatch(/: there is a table whose filter alone is too long$/);
  });
});

function fail(): never {
  throw new Error("no stream was planned");
}

describe("chooseTables", () => {
  const source = { keyspace: "s", tables: ["b", "a", "_vt_hld_6ace8bcef73211ea87e9f875a4d24e90_20200915120410_"] };
  const choose = (tables: string, exclude = "") => chooseTables({ all: tables === "", tables, exclude }, source);

  it("leaves out Vitess's own leftovers of -all, and names them", () => {
    expect(choose("")).toEqual({ tables: ["a", "b"], skipped: [source.tables[2]] });
  });

  it.each([
    ["_vt_HOLD_6ace8bcef73211ea87e9f875a4d24e90_20200915120410", true],
    ["_vt_vrp_6ace8bcef73211ea87e9f875a4d24e90_20200915120410_", true],
    ["_4e5dcf80_354b_11eb_82cd_f875a4d24e90_20201203114014_gho", true],
    ["_corder_old", true],
    ["corder_old", false],
    ["_vt_hold_6ace8bcef73211ea87e9f875a4d24e90_20200915120410", false],
    ["_vt_hld_6ace8bcef73211ea87e9f875a4d24e90_20200915120410", false],
  ])("takes %s for Vitess's own, or doesn't, as Vitess does", (name, own) => {
    const chosen = chooseTables({ all: true, tables: "", exclude: "" }, { keyspace: "s", tables: ["a", name] });
    expect(chosen).toEqual(own ? { tables: ["a"], skipped: [name] } : { tables: [name, "a"].sort(), skipped: [] });
  });

  it("takes blanks around names, and a VSchema snippet's names", () => {
    expect(choose(" a , b ").tables).toEqual(["a", "b"]);
    expect(choose('{"b": {}}').tables).toEqual(["b"]);
    expect(() => choose('{"b": ')).toThrow("-tables: ");
  });

  it("excludes from either", () => {
    expect(choose("", "a").tables).toEqual(["b"]);
    expect(choose("a,b", "a").tables).toEqual(["b"]);
  });
});
