/** Networks that let only the source's replicas through: the whole lifecycle, and what is said of their lag. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { Lab, sql } from "../support/lab.js";

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start({
    typesHere: true,
    rows: 60,
    sourceShards: ["-80", "80-"],
    targetShards: ["-80", "80-"],
    unreachableSourcePrimaries: true,
  });
}, 120_000);
afterAll(() => lab?.close());
afterEach(() => lab.clear());

const replicas = ["zx-0000000002", "zx-0000000004"];
const create = (...words: string[]) =>
  lab.type(["Migrate", "-all", ...words, "-source", "ext1.commerce", "-wait", "Create", "commerce.wf"]);

function expectAllRows(): void {
  for (const table of ["corder", "customer", "kinds", "notes", "product"]) {
    expect(lab.rowsOf("target", table), table).toEqual(lab.rowsOf("source", table));
  }
}

describe("with -tablet_types REPLICA", () => {
  it("nothing needs a source primary, and each step says what the replica's lag leaves open", async () => {
    const created = await create("-tablet_types", "REPLICA");
    expect(created.code, created.stderr).toBe(0);
    expect(created.stderr).toContain(
      "Schema and table list of commerce/-80 come from replica zx-0000000002: what it lags behind is missing.\n",
    );
    expectAllRows();
    expect(lab.streams().map(({ tablet_types }) => tablet_types)).toEqual(["replica", "replica"]);

    const show = await lab.type("Workflow commerce.wf show");
    expect(show.code, show.stderr).toBe(0);
    expect(Object.keys(JSON.parse(show.stdout).ShardStatuses)).toHaveLength(2);

    const diff = await lab.type("VDiff -tablet_types REPLICA commerce.wf");
    expect(diff.code, diff.stdout + diff.stderr).toBe(0);
    for (const replica of replicas) expect(diff.stderr).toContain(`${replica} (replica)`);

    for (const primary of lab.primaries("source")) {
      sql(primary, "update customer set email = concat('late ', email)");
    }
    const completed = await lab.type("Migrate Complete commerce.wf");
    expect(completed.code, completed.stderr).toBe(0);
    for (const [index, shard] of ["-80", "80-"].entries()) {
      expect(completed.stderr).toMatch(
        new RegExp(
          `^ext1\\.commerce/${shard}: its primary can't be reached, so the position to reach is that of replica ${replicas[index]}\\. `,
          "m",
        ),
      );
    }
    expect(completed.stderr).toContain("What the replica had not received by then is not waited for");
    expectAllRows();
  });

  it("a table that hasn't reached the replica isn't seen, which is what is said", async () => {
    const late = lab.primaries("source");
    for (const alias of replicas) lab.tablet("source", alias).setReplicationLag(60_000);
    try {
      for (const primary of late) sql(primary, "create table late (id bigint not null, primary key (id))");
      const named = await lab.type(
        "Migrate -tables late -tablet_types REPLICA -source ext1.commerce Create commerce.late",
      );
      expect(named).toMatchObject({ code: 6, stdout: "" });
      expect(named.stderr).toContain("table(s) not found in source keyspace commerce: late\nHint: It has corder,");
      expect(lab.streams()).toEqual([]);
    } finally {
      for (const primary of late) sql(primary, "drop table late");
      for (const alias of replicas) lab.tablet("source", alias).setReplicationLag(0);
    }
  });

  it("-tablet_types PRIMARY: the workflow would wait for ever, so it isn't made", async () => {
    const before = await lab.everything();
    const result = await create("-tablet_types", "PRIMARY");
    expect(result).toMatchObject({ code: 5, stdout: "" });
    expect(result.stderr).toMatch(
      /^Migrate Error: no primary tablet to read from for commerce\/-80 in .*zx-0000000001 at 127\.0\.0\.1:\d+ doesn't answer/m,
    );
    expect(await lab.everything()).toEqual(before);
  });
});

describe("with the default types", () => {
  it("a replica answers instead of a primary that refuses or swallows connections, within 15 s", async () => {
    const startedAt = Date.now();
    const created = await create();
    expect(created.code, created.stderr).toBe(0);
    expect(Date.now() - startedAt).toBeLessThan(25_000);
    expect(created.stderr).toContain(
      "Schema and table list of commerce/-80 come from replica zx-0000000002, as the primary zx-0000000001 doesn't answer: what it lags behind is missing.\n",
    );
    expectAllRows();
    const diff = await lab.type("VDiff commerce.wf");
    expect(diff.code, diff.stdout + diff.stderr).toBe(0);
    const endedAt = Date.now();
    const completed = await lab.type("Migrate Complete commerce.wf");
    expect(completed.code, completed.stderr).toBe(0);
    expect(Date.now() - endedAt).toBeLessThan(25_000);
    expect(completed.stderr).toContain("its primary can't be reached");
  });
});

describe("where packets to the primary are lost", () => {
  it("a hanging primary costs seconds, not the migration", async () => {
    const hanging = await Lab.start({ typesHere: true, rows: 20 });
    try {
      hanging.primary("source").pause();
      const timed = async (line: string) => {
        const startedAt = Date.now();
        const result = await hanging.type(line);
        expect(result.code, result.stdout + result.stderr).toBe(0);
        expect(Date.now() - startedAt, line).toBeLessThan(25_000);
        return result.stderr;
      };
      expect(await timed("Migrate -all -source ext1.commerce -wait Create commerce.wf")).toContain(
        "as the primary zx-0000000001 doesn't answer",
      );
      expect(await timed("Workflow commerce.wf show")).toBe("");
      expect(await timed("Migrate Complete commerce.wf")).toContain(
        "the position to reach is that of replica zx-0000000002",
      );
    } finally {
      hanging.primary("source").resume();
      await hanging.close();
    }
  });
});
