/** What Migrate says to input that the clusters don't fit, above all to their shards and VSchemas; and that it changes nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { clusterShape, sourceCluster, targetCluster } from "../../src/sandbox/cluster/shape.js";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import type { MessageInput } from "../../src/wire/proto.js";
import { type CliResult, connection } from "../support/cli.js";
import { Lab } from "../support/lab.js";
import { setShard } from "../support/shard-record.js";

// A busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

const two = ["-80", "80-"];
const hash = { hash: { type: "hash" } };

/** Exit code, the sentence, what the hint says; nothing on stdout, no stack. */
function expectRefusal(result: CliResult, code: number, sentence: string, ...hints: (string | RegExp)[]): void {
  expect({ code: result.code, stdout: result.stdout }, result.stderr).toEqual({ code, stdout: "" });
  const lines = result.stderr.trimEnd().split("\n");
  const at = lines.indexOf(`Migrate Error: ${sentence}`);
  expect(at, `${result.stderr}\nlacks\n${sentence}`).toBeGreaterThanOrEqual(0);
  const hint = lines.slice(at + 1).join("\n");
  expect(hint).toMatch(/^Hint: /);
  for (const part of hints) {
    if (typeof part === "string") expect(hint).toContain(part);
    else expect(hint).toMatch(part);
  }
  expect(result.stderr).not.toContain("    at ");
}

/** The part of a VSchema that a hint shows. */
function proposed(result: CliResult): MessageInput<"vschema.Keyspace"> {
  return JSON.parse(/\n(\{\n[\s\S]*?\n\})/.exec(result.stderr)?.[1] ?? "");
}

/** As an operator follows such a hint: GetVSchema, an editor, ApplyVSchema, in either cluster. */
async function apply(lab: Lab, etcd: string, keyspace: string, part: MessageInput<"vschema.Keyspace">): Promise<void> {
  const cluster = { env: connection(etcd) };
  const stored = JSON.parse((await lab.type(`GetVSchema ${keyspace}`, cluster)).stdout);
  const whole = {
    ...stored,
    vindexes: { ...stored.vindexes, ...part.vindexes },
    tables: { ...stored.tables, ...part.tables },
  };
  const applied = await lab.type(["ApplyVSchema", "-vschema", JSON.stringify(whole), keyspace], cluster);
  expect(applied.code, applied.stderr).toBe(0);
}

describe("keyspaces of all kinds", () => {
  let lab: Lab;
  const target = (name: string, shards: readonly string[], vschema: MessageInput<"vschema.Keyspace">) => ({
    name,
    shards,
    vschema,
  });
  const lookup = { type: "lookup_unique", params: { table: "t", from: "a", to: "b" } };
  const region = {
    type: "numeric_static_map",
    params: { json: '{"1": 1, "2": 9223372036854775809}', fallback_type: "hash" },
  };

  beforeAll(async () => {
    lab = await Lab.start({
      typesHere: true,
      rows: 20,
      source: clusterShape({
        cells: ["zx"],
        firstUid: 1,
        keyspaces: [
          { name: "commerce", shards: two, replicas: 1 },
          { name: "empty", vschema: {} },
        ],
      }),
      target: clusterShape({
        cells: ["zone1"],
        firstUid: 100,
        timeZoneTables: false,
        keyspaces: [
          target("commerce", two, shardedCommerce),
          target("flat", ["0"], {}),
          target("vague", two, {
            sharded: true,
            vindexes: { ...hash, found: lookup },
            tables: {
              customer: { column_vindexes: [{ column: "email", name: "found" }] },
              corder: { pinned: "00" },
              kinds: { type: "sequence", pinned: "00" },
              notes: { column_vindexes: [{ column: "nobody", name: "hash" }] },
            },
          }),
          target("strange", two, {
            sharded: true,
            vindexes: { ...hash, region },
            tables: {
              customer: { column_vindexes: [{ column: "customer_id", name: "region" }] },
              corder: { column_vindexes: [{ column: "customer_id", name: "region" }] },
            },
          }),
        ],
      }),
    });
  }, 120_000);
  afterAll(() => lab?.close());

  const create = (words: string, keyspace: string) =>
    lab.type(`Migrate -source ext1.commerce ${words} Create ${keyspace}.wf`);

  it("is refused with names and remedy, and nothing is changed", async () => {
    const before = await lab.everything();
    const cases: [words: string, keyspace: string, code: number, sentence: string, ...hints: (string | RegExp)[]][] = [
      [
        "-tables notes",
        "vague",
        9,
        "the source has no columns notes.nobody, by which the target is sharded",
        "Correct columnVindexes in the VSchema of vague. In the source, notes has author, written, note.",
      ],
      [
        "-all -tablet_types RDONLY",
        "commerce",
        9,
        "no rdonly tablet in cells zx to copy from: commerce/-80 has zx-0000000001 (primary), zx-0000000002 (replica); commerce/80- has zx-0000000003 (primary), zx-0000000004 (replica)",
        "Choose other -cells or -tablet_types",
      ],
      [
        "-all -source_shards 0",
        "flat",
        6,
        "no serving shard 0 in source keyspace commerce",
        "Its serving shards: -80, 80-.",
      ],
      [
        "-all -source_shards -80,40-",
        "commerce",
        6,
        "no shard 40- in target keyspace commerce",
        "the target has -80, 80-.",
      ],
      [
        "-tables customer -source_time_zone Europe/Nowhere",
        "commerce",
        9,
        "unable to perform time_zone conversions from Europe/Nowhere to UTC on -80/zone1-0000000100, 80-/zone1-0000000101",
        "Either the time zone doesn't exist or the time zone tables aren't loaded there: mysql_tzinfo_to_sql loads them",
      ],
      [
        "-tables customer -source_time_zone Europe/Berlin",
        "flat",
        9,
        "unable to perform time_zone conversions from Europe/Berlin to UTC on 0/zone1-0000000102",
        "Offsets like +01:00 need them too",
      ],
      ["-all -source ext1.empty", "flat", 9, "no tables to move", "Source keyspace empty has no tables"],
      [
        "-all -atomic-copy -source_shards -80",
        "commerce",
        2,
        "both atomic copy and partial mode cannot be specified for the same workflow",
        "Leave out -atomic-copy or -source_shards.",
      ],
      [
        "-tables customer -exclude notes -atomic-copy",
        "commerce",
        2,
        "atomic copy requires --all. atomic copy does not support specifying tables. atomic copy does not support specifying excludes. Found options incompatible with atomic copy:",
        "-atomic-copy goes with -all alone.",
      ],
      ["-all -reverse_replication", "flat", 2, "-reverse_replication is not for Migrate, which copies one way"],
      [
        "-tables customer -exclude customer",
        "flat",
        9,
        "no tables to move",
        "Nothing is left: source keyspace commerce has corder, customer",
      ],
    ];
    for (const [words, keyspace, ...expected] of cases) expectRefusal(await create(words, keyspace), ...expected);
    const shown = await create("-all -reverse_replication=false -dry_run", "flat");
    expect(shown.code, shown.stderr).toBe(0);
    expect(await lab.everything()).toEqual(before);
  });

  it("tables whose rows a sharded target has no shard for: the entries that are shown do", async () => {
    const before = await lab.everything();
    const refused = await create("-all", "vague");
    expectRefusal(
      refused,
      9,
      "target keyspace vague is sharded, and its VSchema doesn't say which shard gets which rows: " +
        "table corder is pinned and has no vindex; could not find a vindex to compute keyspace id for table customer; " +
        "table kinds is a sequence, which belongs in an unsharded keyspace; table product not found in vschema",
      "Leave out with -exclude, or into an unsharded keyspace: corder, kinds.",
      "Add what fits your queries to the VSchema of vague (GetVSchema vague, then ApplyVSchema), or leave tables out with -exclude.",
    );
    expect(await lab.everything()).toEqual(before);
    await apply(lab, lab.sandbox.target.etcd, "vague", proposed(refused));
    const followed = await create("-all -exclude corder,kinds,notes -dry_run", "vague");
    expect(followed.code, followed.stderr).toBe(0);
  });

  it("a vindex that the source can't resolve: the lines that are shown, applied there, do", async () => {
    const before = await lab.everything();
    const refused = await create("-tables customer,corder", "strange");
    expectRefusal(
      refused,
      9,
      `the source cluster, which picks out the rows for each shard of strange, has no vindex like region (type numeric_static_map, json ${region.params.json}, fallback_type hash) for corder, customer`,
      "Add to the VSchema of commerce in the source cluster:",
    );
    expect(await lab.everything()).toEqual(before);
    await apply(lab, lab.sandbox.source.etcd, "commerce", proposed(refused));
    const followed = await create("-tables customer,corder -wait", "strange");
    expect(followed.code, followed.stderr).toBe(0);
    expect(lab.rowsOf("target", "customer", "strange")).toEqual(lab.rowsOf("source", "customer"));
    const ids = Object.values(lab.rowsByShard("target", "customer", "strange")).map((rows) => rows.length);
    expect(ids.every((count) => count > 0)).toBe(true);
    expect(await lab.type("Migrate Cancel strange.wf")).toMatchObject({ code: 0 });
  });

  it("shards without a primary", async () => {
    const { source, target } = lab.sandbox;
    const before = await lab.everything();
    const attempts: [side: typeof source, words: string, code: number, sentence: string, hint: string][] = [
      [
        source,
        "-all -tablet_types PRIMARY",
        9,
        "no primary tablet to copy from: commerce/80- has zx-0000000003 (primary), zx-0000000004 (replica)",
        "Choose other -cells or -tablet_types",
      ],
      [target, "-all", 7, "no primary found for shard commerce/80-", "The shard's record has no primary alias in"],
    ];
    for (const [side, words, code, sentence, hint] of attempts) {
      const uid = side === source ? 3 : 101;
      await setShard(side, "commerce/80-", { primary_alias: null });
      const during = await lab.everything();
      expectRefusal(await create(words, "commerce"), code, sentence, hint);
      if (side === source) {
        const shown = await create("-all -dry_run", "commerce");
        expect(shown.code, shown.stderr).toBe(0);
      }
      expect(await lab.everything()).toEqual(during);
      await setShard(side, "commerce/80-", { primary_alias: { cell: side === source ? "zx" : "zone1", uid } });
    }
    expect((await lab.everything()).tablets).toEqual(before.tablets);
  });

  it("shards that overlap or leave gaps, on either side", async () => {
    const { source, target } = lab.sandbox;
    for (const side of [source, target]) {
      const name = side === source ? "source" : "target";
      const alias = side === source ? { cell: "zx", uid: 1 } : { cell: "zone1", uid: 100 };
      const shard = { primary_alias: alias, is_primary_serving: true };
      await setShard(side, "commerce/40-c0", shard);
      expectRefusal(
        await create("-all -force", "commerce"),
        9,
        `shards -80 and 40-c0 of ${name} keyspace commerce overlap`,
        "Is a Reshard under way? Finish it first.",
      );
      await setShard(side, "commerce/40-c0", { is_primary_serving: false });
      await setShard(side, "commerce/80-", { is_primary_serving: false });
      expectRefusal(
        await create("-all", "commerce"),
        9,
        `shards -80 of ${name} keyspace commerce leave a part of the key range out`,
        "To copy some shards only, name them: -source_shards.",
      );
      await setShard(side, "commerce/-80", { is_primary_serving: false });
      expectRefusal(
        await create("-all", "commerce"),
        6,
        "commerce has no serving shards",
        /^Hint: .*-80, 40-c0, 80-, and none of them serves\.$/,
      );
      for (const serving of two) await setShard(side, `commerce/${serving}`, { is_primary_serving: true });
    }
    expect(lab.streams()).toEqual([]);
    expect(await lab.topo.global.list("vtmigrate/")).toEqual([]);
  });

  it("a sharded source without a VSchema, which says what its shards have in common", async () => {
    const source = await lab.topo.openMount("ext1");
    const { contents } = await source.vschema("commerce");
    await source.global.delete("keyspaces/commerce/VSchema");
    const before = await lab.everything();
    for (const keyspace of ["commerce", "flat"]) {
      expectRefusal(
        await create("-all", keyspace),
        9,
        "source keyspace commerce has shards -80, 80- and no VSchema",
        /which tables each shard has whole: .* ApplyVSchema -vschema_file <file> commerce in the source cluster/,
      );
    }
    expect(await lab.everything()).toEqual(before);
    await source.saveVSchema("commerce", contents, undefined);
  });
});

describe("in the middle of a Reshard", () => {
  let lab: Lab;

  beforeAll(async () => {
    const all = ["-40", "40-80", "-80", "80-"];
    lab = await Lab.start({
      typesHere: true,
      rows: 60,
      source: sourceCluster({ shards: ["-80", "80-"] }),
      target: targetCluster({ shards: all }),
    });
    for (const shard of ["-40", "40-80"]) {
      await setShard(lab.sandbox.target, `commerce/${shard}`, { is_primary_serving: false });
    }
    // As created by an operator, before its first primary.
    await setShard(lab.sandbox.target, "commerce/c0-", { is_primary_serving: false });
  }, 120_000);
  afterAll(() => lab?.close());
  afterEach(() => lab.clear());

  const filled = () =>
    Object.entries(lab.streamsByShard()).flatMap(([shard, streams]) => (streams.length > 0 ? [shard] : []));
  const create = () => lab.type("Migrate -source ext1.commerce -all -wait Create commerce.wf");

  it("streams go to the shards that serve; Show, VDiff and Complete take no offence at the others", async () => {
    const created = await create();
    expect(created.code, created.stderr).toBe(0);
    expect(filled()).toEqual(["-80", "80-"]);
    const show = await lab.type("Workflow commerce.wf show");
    expect(Object.keys(JSON.parse(show.stdout).ShardStatuses)).toEqual([
      "-80/zone1-0000000102",
      "80-/zone1-0000000103",
    ]);
    const diff = await lab.type("VDiff commerce.wf");
    expect(diff.code, diff.stdout + diff.stderr).toBe(0);
    const completed = await lab.type("Migrate Complete commerce.wf");
    expect(completed.code, completed.stderr).toBe(0);
    expect(filled()).toEqual([]);
    const { "-80": low = [], "80-": high = [] } = lab.rowsByShard("target", "customer");
    expect([...low, ...high].sort()).toEqual(lab.rowsOf("source", "customer"));
  });

  it("shards that stopped serving meanwhile: Complete refuses, Show still finds the streams, Cancel ends them", async () => {
    expect(await create()).toMatchObject({ code: 0 });
    const serve = async (shards: string[], serving: boolean) => {
      for (const shard of shards) {
        await setShard(lab.sandbox.target, `commerce/${shard}`, { is_primary_serving: serving });
      }
    };
    await serve(["-40", "40-80"], true);
    await serve(["-80"], false);
    const before = await lab.everything();
    const again = await create();
    expectRefusal(again, 7, "workflow already exists", "Choose another name than commerce.wf");
    const refused = await lab.type("Migrate Complete commerce.wf");
    expect(refused).toMatchObject({ code: 9, stdout: "" });
    expect(refused.stderr).toContain(
      "workflow commerce.wf is not ready: -40/zone1-0000000100 has no stream; 40-80/zone1-0000000101 has no stream",
    );
    expect(await lab.everything()).toEqual(before);
    const show = await lab.type("Workflow commerce.wf show");
    expect(show.stdout).toContain('"-80/zone1-0000000102"');
    const cancelled = await lab.type("Migrate Cancel commerce.wf");
    expect(cancelled.code, cancelled.stderr).toBe(0);
    expect(filled()).toEqual([]);
    expect(lab.rowsByShard("target", "customer")).toEqual({});
    await serve(["-40", "40-80"], false);
    await serve(["-80"], true);
  });

  it("on the source, from the shards that serve", async () => {
    await setShard(lab.sandbox.source, "commerce/-40", { is_primary_serving: false });
    const created = await create();
    expect(created.code, created.stderr).toBe(0);
    expect(lab.streams().map(({ source }) => /shard:"([^"]*)"/.exec(source ?? "")?.[1])).toEqual(["-80", "80-"]);
    const diff = await lab.type("VDiff commerce.wf");
    expect(diff.code, diff.stdout + diff.stderr).toBe(0);
    expect(await lab.type("Migrate Complete commerce.wf")).toMatchObject({ code: 0 });
  });
});

describe("v11, which stores 64 KB of filters", () => {
  let lab: Lab;
  const names = Array.from({ length: 900 }, (_, i) => `a_table_with_quite_a_long_name_${String(i).padStart(4, "0")}`);

  beforeAll(async () => {
    lab = await Lab.start({
      typesHere: true,
      source: sourceCluster(),
      statements: () => names.map((name) => `create table ${name} (id bigint not null, primary key (id))`),
      sourceProfile: "v11",
      targetProfile: "v11",
    });
  }, 120_000);
  afterAll(() => lab?.close());

  it("900 tables: says how many fit, and so many do", async () => {
    const before = await lab.everything();
    const refused = await lab.type("Migrate -all -source ext1.commerce Create commerce.wf");
    expect(refused).toMatchObject({ code: 9, stdout: "" });
    const [, bytes = "", fit = ""] =
      /^Migrate Error: the filters of 900 tables take (\d+) bytes, and 0\/zone1-0000000100 has room for 62535 in its log of streams: (\d+) of them fit into one workflow$/m.exec(
        refused.stderr,
      ) ?? [];
    expect(Number(bytes)).toBeGreaterThan(62_535);
    expect(await lab.everything()).toEqual(before);

    const create = (tables: string[], ...more: string[]) =>
      lab.type(["Migrate", "-tables", tables.join(","), "-source", "ext1.commerce", ...more, "Create", "commerce.wf"]);
    const one = await create(names.slice(0, Number(fit) + 1));
    expect(one).toMatchObject({ code: 9, stdout: "" });
    expect(one.stderr).toContain(`${fit} of them fit into one workflow`);
    expect(await lab.everything()).toEqual(before);
    const created = await create(names.slice(0, Number(fit)), "-wait");
    expect(created.code, created.stderr).toBe(0);
    const [stream] = lab.streams();
    expect(stream?.state).toBe("Running");
    expect(lab.targetTables()).toHaveLength(Number(fit));
  });
});

describe.each(["v11", "v14", "v16", "v18", "main"] as const)("a source of %s without tables", (profile) => {
  it("makes no workflow, which nobody could end", async () => {
    const lab = await Lab.start({
      typesHere: true,
      sourceProfile: profile,
      targetProfile: profile,
      statements: () => [],
    });
    try {
      const before = await lab.everything();
      for (const more of ["", " -dry_run", " -force"]) {
        const result = await lab.type(`Migrate -all${more} -source ext1.commerce Create commerce.wf`);
        expectRefusal(result, 9, "no tables to move", "Source keyspace commerce has no tables");
      }
      expect(await lab.everything()).toEqual(before);
      const complete = await lab.type("Migrate Complete commerce.wf");
      expectRefusal(complete, 6, "workflow commerce.wf does not exist", "Keyspace commerce has no workflows.");
    } finally {
      await lab.close();
    }
  });
});
