/** Putting the clusters of an installation back to what they were when they had just started. */
import { quoteIdentifier } from "../../src/wire/sql.js";
import { keyspacesOf } from "./harness/shape.js";
import type { VitessLab } from "./lab.js";

/** Both clusters; the source loses its tables. */
export async function clear(lab: VitessLab): Promise<void> {
  await clearTarget(lab);
  await dropTables(lab, "source");
  await reloadSchema(lab, "source");
}

/** Takes every workflow, VDiff, table, mount and record off the target, and puts its VSchemas back. */
export async function clearTarget(lab: VitessLab): Promise<void> {
  await endWorkflows(lab);
  await clearTopology(lab);
  for (const [keyspace, vschema] of Object.entries(lab.target.shape.vschemas)) {
    await lab.vtctldclient("target", "ApplyVSchema", "--vschema", JSON.stringify(vschema), keyspace);
  }
  await dropTables(lab, "target");
  await reloadSchema(lab, "target");
}

/** Takes every VDiff and every stream off the target. */
export async function endWorkflows(lab: VitessLab): Promise<void> {
  await lab.with("target", async (_topo, open) => {
    for (const primary of lab.primaries("target")) {
      const tablet = await open(primary);
      const { keyspace } = primary;
      // One that is tried again without streams ends the whole tablet.
      for (const { vdiff_uuid: uuid, workflow } of await lab.sql(primary, "select * from _vt.vdiff")) {
        await tablet.vdiff({ keyspace, workflow: workflow ?? "", action: "delete", actionArg: uuid ?? "" });
      }
      await lab.sql(primary, "delete from _vt.vdiff_log");
      for (const { id } of await lab.sql(primary, "select id from _vt.vreplication")) {
        await tablet.vreplicationExec(`delete from _vt.vreplication where id = ${id}`);
      }
      await lab.sql(primary, "delete from _vt.vreplication_log", "delete from _vt.copy_state");
    }
  });
}

/** Mounts, our records, and tables that were denied. */
async function clearTopology(lab: VitessLab): Promise<void> {
  await lab.with("target", async (topo, open) => {
    for (const file of await topo.global.list("vtmigrate/")) await topo.global.delete(file.path);
    for (const name of await topo.mounts()) await topo.deleteMount(name);
    for (const keyspace of keyspacesOf(lab.target.shape)) {
      for (const { name, tabletControls } of await topo.shards(keyspace)) {
        const denied = tabletControls.flatMap(({ denied_tables }) => denied_tables);
        if (denied.length > 0) await topo.removeDeniedTables(keyspace, name, denied);
      }
    }
    for (const primary of lab.primaries("target")) await (await open(primary)).refreshState();
  });
}

/** On the primaries themselves: their tablets hear of it when they read the schema again. */
export async function dropTables(lab: VitessLab, side: "source" | "target"): Promise<void> {
  for (const primary of lab.primaries(side)) {
    const tables = (await lab.tables(primary)).map((name) => `drop table ${quoteIdentifier(name)}`);
    if (tables.length > 0) await lab.sql(primary, "set foreign_key_checks = 0", ...tables);
  }
}

async function reloadSchema(lab: VitessLab, side: "source" | "target"): Promise<void> {
  for (const keyspace of keyspacesOf(lab[side].shape)) await lab.vtctldclient(side, "ReloadSchemaKeyspace", keyspace);
}
