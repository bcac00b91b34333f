import { afterEach, describe, expect, it } from "vitest";
import { type ProfileName, profiles } from "../../../src/sandbox/tablet/profiles.js";
import { insertStream, type Pair, rows, run, showStreams, startPair, startStreams, until } from "./clusters.js";

let pair: Pair;
afterEach(() => pair?.stop());

const names = Object.keys(profiles) as ProfileName[];
const stream = async () => (await pair.exec(showStreams))[0] ?? {};
const rpcError = "vttablet: rpc error: code =";

async function start(profile: ProfileName, filter: string, seed: string, keyspaces = {}): Promise<void> {
  pair = await startPair(profiles[profile], "create table t (id bigint not null, v bigint, primary key (id));");
  run(pair.sourcePrimary, seed);
  const cell = await pair.source.topo.cell("zx");
  await cell.put("vschema.SrvVSchema", "SrvVSchema", { keyspaces: { commerce: {}, customer: {}, ...keyspaces } });
  const rules = `rules:{match:"t" filter:"select * from t where ${filter}"}`;
  await pair.exec(insertStream(profiles[profile], { rules, types: "replica" }));
  await pair.exec(startStreams);
}

const failing = () => until(stream, ({ message }) => (message ?? "").includes("rpc error"));
const copied = () => until(stream, ({ state, pos, message }) => state === "Running" && pos !== "" && message === "");
const there = () => rows(pair.targetPrimary, "select id from t order by id").flat();

describe.each(names)("a stream of %s", (name) => {
  it("keeps trying when the source hasn't its vindex, and copies when it is there", async () => {
    await start(name, "in_keyrange(id, 'customer.hash', '-80')", "insert into t (id) values (1), (2), (3), (4), (5)");
    const { state, message, pos } = await failing();
    expect(message).toBe(`${rpcError} Unknown desc = vindex customer.hash not found`);
    expect(state).toBe("Copying");
    expect(pos).toBe("");
    const cell = await pair.source.topo.cell("zx");
    const keyspaces = { customer: { vindexes: { hash: { type: "hash" } } } };
    await cell.put("vschema.SrvVSchema", "SrvVSchema", { keyspaces });
    await copied();
    expect(there()).toEqual(["1", "2", "3", "5"]);
  });

  it("ends or keeps trying at an ambiguous vindex, as its version does", async () => {
    const vindexes = { hash: { type: "hash" } };
    await start(name, "in_keyrange(id, 'hash', '-80')", "insert into t (id) values (1)", {
      a: { vindexes },
      b: { vindexes },
    });
    const { state, message } = await failing();
    const text = (code: string) => `${rpcError} ${code} desc = ambiguous vindex reference: hash`;
    const expected = {
      v11: { state: "Copying", message: text("Unknown") },
      v14: { state: "Copying", message: text("Unknown") },
      v16: { state: "Copying", message: text("FailedPrecondition") },
      v18: { state: "Error", message: text("FailedPrecondition") },
      v22: { state: "Error", message: `terminal error: ${text("FailedPrecondition")}` },
      main: { state: "Error", message: `terminal error: ${text("FailedPrecondition")}` },
    };
    expect({ state, message }).toEqual(expected[name]);
  });
});

describe("a row without a keyspace id", () => {
  it("stops the copy where it is", async () => {
    await start("v22", "in_keyrange(v, 'hash', '-80')", "insert into t values (1, 1), (2, null)");
    const { message, pos } = await failing();
    expect(message).toBe(
      `${rpcError} Unknown desc = could not map [NULL] to a keyspace id, got destination DestinationNone()`,
    );
    // The fields and the snapshot's position come before the rows: measured on v14.0.5.
    expect(pos).not.toBe("");
    run(pair.sourcePrimary, "update t set v = 4 where id = 2");
    await copied();
    expect(there()).toEqual(["1"]);
  });

  it("stops what follows the copy, with the position that it came to", async () => {
    await start("v22", "in_keyrange(v, 'hash', '-80')", "insert into t values (1, 1)");
    await copied();
    run(pair.sourcePrimary, "insert into t values (3, 3); insert into t values (2, null)");
    const { message, state } = await failing();
    const position = pair.sourcePrimary.mysql.gtidExecuted();
    expect(message).toBe(
      `${rpcError} Unknown desc = stream (at source tablet) error @ ${position}: could not map [NULL] to a keyspace id, got destination DestinationNone()`,
    );
    expect(state).toBe("Running");
    await until(there, (ids) => ids.join() === "1,3");
  });
});
