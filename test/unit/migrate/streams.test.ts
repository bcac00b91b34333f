import { describe, expect, it } from "vitest";
import { PreflightError } from "../../../src/errors.js";
import { insertStatement, type PlannedStream, planStreams } from "../../../src/migrate/create/streams.js";
import { chooseTables } from "../../../src/migrate/create/tables.js";
import type { Capabilities } from "../../../src/tablet/capabilities.js";
import type { Tablet } from "../../../src/tablet/port.js";
import { parseTabletTypes } from "../../../src/tablet/types.js";
import { parseBinlogSource } from "../../../src/wire/binlog-source.js";
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

function plan(tables: string[], sourceShards = ["0"]): PlannedStream[] {
  const shards = sourceShards.map(shard);
  const source = { mount: "ext1", keyspace: "commerce" };
  return planStreams([target], shards, { source, tables, onDdl: "IGNORE", stopAfterCopy: false });
}

function insert(stream: PlannedStream | undefined, known: Capabilities, types = "in_order:REPLICA,PRIMARY"): string {
  if (stream === undefined) throw new Error("no stream was planned");
  const tabletTypes = parseTabletTypes(types);
  const now = new Date(1_795_367_974_000);
  return insertStatement(
    stream,
    { workflow: "wf", cells: ["zx"], tabletTypes, deferSecondaryKeys: undefined, now },
    known,
  );
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

it("makes a stream for every source shard", () => {
  expect(plan(["t"], ["-80", "80-"]).map((stream) => stream.source.shard)).toEqual(["-80", "80-"]);
});

describe("chooseTables", () => {
  const source = { keyspace: "s", tables: ["b", "a", "_vt_hld_6ace8bcef73211ea87e9f875a4d24e90_20200915120410_"] };
  const choose = (tables: string, exclude = "") => chooseTables({ all: tables === "", tables, exclude }, source);

  it("leaves out Vitess's own leftovers of -all, and names them", () => {
    expect(choose("")).toEqual({ tables: ["a", "b"], skipped: [source.tables[2]] });
  });

  it("takes blanks around names, and a VSchema snippet's names", () => {
    expect(choose(" a , b ").tables).toEqual(["a", "b"]);
    expect(choose('{"b": {}}').tables).toEqual(["b"]);
    expect(() => choose('{"b": ')).toThrow("-tables starts with a brace but is not JSON");
  });

  it("excludes from either", () => {
    expect(choose("", "a").tables).toEqual(["b"]);
    expect(choose("a,b", "a").tables).toEqual(["b"]);
  });
});
