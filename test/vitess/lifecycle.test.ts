/** The documented lifecycle, typed, while an application writes through the source's vtgate. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Application, startApplication } from "../../src/sandbox/application.js";
import { commerceTables } from "../../src/sandbox/commerce.js";
import { describeVitess, type VitessLab } from "./lab.js";
import { until } from "./until.js";

interface Shape {
  name: string;
  source: string;
  target: string;
}

const shapes: Shape[] = [
  { name: "unsharded to unsharded", source: "commerce", target: "commerce" },
  { name: "unsharded to sharded, into a keyspace of another name", source: "commerce", target: "shop" },
  { name: "sharded to another sharding", source: "orders", target: "shop" },
  { name: "sharded to unsharded", source: "orders", target: "commerce" },
];

for (const shape of shapes) describeVitess(`the lifecycle, ${shape.name}`, (lab) => lifecycle(lab, shape));

function lifecycle(lab: VitessLab, { source, target }: Shape): void {
  let application: Application;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "vtmigrate-lifecycle-"));
    await lab.clear();
    await lab.seed(source);
    application = await startApplication({
      port: lab.source.vtgateMysqlPort,
      database: source,
      seed: 11,
      pauseMs: 5,
      ownIds: true,
    });
  });
  afterAll(async () => {
    await application?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it("Mount remembers the source", async () => {
    const { etcd, topoRoot } = lab.source;
    const mount = await lab.must(
      `Mount -type vitess -topo_type etcd2 -topo_server ${etcd} -topo_root ${topoRoot} ext1`,
    );
    expect(mount.stdout).toBe("");
    expect((await lab.must("Mount -list")).stdout).toBe("ext1\n");
  });

  it("Create starts streams in a cluster whose cell has another name, and all rows come", async () => {
    const create = await lab.must(`Migrate -all -source ext1.${source} Create ${target}.wf`);
    expect(create.stdout).toContain("Workflow started successfully with");
    const streams = await lab.following(target);
    const pairs = lab.primaries("source", source).length * lab.primaries("target", target).length;
    expect(streams.length).toBeLessThanOrEqual(pairs);
    expect(streams).toContainEqual(expect.objectContaining({ cell: "zx", workflow_type: "3" }));
  });

  it("Show says that the streams run", async () => {
    const show = await lab.must(`Workflow ${target}.wf Show`);
    const document = JSON.parse(show.stdout);
    expect(document.SourceLocation.Keyspace).toBe(source);
    const states = Object.values<{ PrimaryReplicationStatuses: { State: string }[] }>(document.ShardStatuses).flatMap(
      ({ PrimaryReplicationStatuses }) => PrimaryReplicationStatuses.map(({ State }) => State),
    );
    expect(new Set(states)).toEqual(new Set(["Running"]));
  });

  it.each(["", " -full"])("VDiff%s finds both sides equal while the application writes", async (mode) => {
    const diff = await lab.type(`VDiff${mode} ${target}.wf`);
    expect(diff, diff.stdout + diff.stderr).toMatchObject({ code: 0 });
    for (const table of commerceTables) expect(diff.stdout).toContain(`Summary for table ${table}:`);
    expect(application.failure).toBeUndefined();
  });

  it("Complete announces the tables when the application has stopped", async () => {
    const written = await application.stop();
    expect(written.inserts).toBeGreaterThan(10);
    const complete = await lab.must(`Migrate Complete ${target}.wf`);
    expect(complete.stdout).toContain(`Complete was successful for workflow ${target}.wf`);
    expect(await lab.streams(target)).toEqual([]);
    for (const table of commerceTables) {
      const [from, to] = [await lab.rows("source", source, table), await lab.rows("target", target, table)];
      // A reference table is whole in every shard.
      expect([...new Set(to)], table).toEqual([...new Set(from)]);
    }
  });

  it("ApplyVSchema with the source's VSchema makes vtgate serve the tables", async () => {
    const from = source === "commerce" && target === "shop" ? target : `ext1.${source}`;
    const { stdout } = await lab.must(`GetVSchema ${from}`);
    const file = join(folder, "vschema.json");
    const sharded = target === "shop";
    await writeFile(
      file,
      sharded ? stdout : JSON.stringify({ tables: JSON.parse(stdout).tables && announced(stdout) }),
    );
    await lab.must(`ApplyVSchema -vschema_file ${file} ${target}`);
    const gate = await lab.gate("target", target);
    try {
      const count = await until("vtgate serves customer", async () => {
        const [rows] = await gate.query("select count(*) as n from customer");
        return rows as unknown as { n: number }[];
      });
      expect(count[0]?.n).toBe((await lab.rows("source", source, "customer")).length);
    } finally {
      await gate.end();
    }
  });

  it("Mount -unmount forgets the source", async () => {
    await lab.must("Mount -unmount ext1");
    expect((await lab.must("Mount -list")).stdout).toBe("\n");
  });
}

/** The tables of a VSchema, as an unsharded keyspace announces them. */
function announced(vschema: string): Record<string, object> {
  return Object.fromEntries(Object.keys(JSON.parse(vschema).tables).map((table) => [table, {}]));
}
