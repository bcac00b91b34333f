/** A lab as it is before a command that is to be disturbed, and what of it must never change. */
import { expect } from "vitest";
import { migrate } from "../../../src/commands/migrate/index.js";
import { decode } from "../../../src/wire/proto.js";
import { type Lab, sql } from "../../support/lab.js";
import { labContext } from "../../support/lab-context.js";
import { run } from "../../support/run-command.js";
import { createWords, foreignTable, type Subject, tables } from "./subjects.js";

const theirStream =
  'keyspace:"elsewhere" shard:"0" filter:{rules:{match:"theirs" filter:"select * from theirs"}} external_cluster:"ext1"';

/** Plants what belongs to others; for all commands but Create a workflow whose copy is done. */
export async function setStage(lab: Lab, subject: Subject): Promise<void> {
  for (const primary of lab.primaries("target")) {
    sql(
      primary,
      `create table ${foreignTable} (id bigint primary key, name varchar(20))`,
      `insert into ${foreignTable} values (1, 'one'), (2, 'two')`,
      `insert into _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag, time_updated,
         transaction_timestamp, state, db_name, options)
       values ('theirs', '${theirStream}', '', 1, 1, 1, 0, 'Stopped', '${primary.dbName}', '{}')`,
    );
  }
  if (subject.command === "Create") return;
  const { ctx, close } = await labContext(lab);
  try {
    const words = createWords(subject).slice(1);
    await run(migrate, words.toSpliced(-2, 0, "-wait"), ctx);
  } finally {
    close();
  }
  if (subject.command === "Complete") await lab.deny(tables);
}

/** What isn't ours is as it was. */
export async function expectOthersUntouched(lab: Lab): Promise<void> {
  for (const primary of lab.primaries("target")) {
    expect(sql(primary, `select * from ${foreignTable} order by id`)).toEqual([
      { id: "1", name: "one" },
      { id: "2", name: "two" },
    ]);
    const theirs = sql(primary, "select state, pos from _vt.vreplication where workflow = 'theirs'");
    expect(theirs).toEqual([{ state: "Stopped", pos: "" }]);
  }
  const vschema = decode("vschema.Keyspace", (await lab.topo.vschema("commerce")).contents);
  expect(Object.keys(vschema.tables)).toContain(foreignTable);
  for (const cell of await lab.topo.cells()) {
    const { keyspaces } = decode("vschema.SrvVSchema", await lab.topo.srvVSchema(cell));
    expect(Object.keys(keyspaces.commerce?.tables ?? {}), cell).toContain(foreignTable);
  }
}

/** The workflow's streams. */
export function ownStreams(lab: Lab) {
  return lab.streams().filter(({ workflow }) => workflow === "wf");
}

/** Of the workflow's tables those that exist, on any shard. */
export function ownTables(lab: Lab): string[] {
  const found = lab.primaries("target").flatMap(({ mysql, dbName }) => mysql.tables(dbName).map(({ name }) => name));
  return [...new Set(found)].filter((name) => tables.includes(name)).sort();
}

/** A write of the source's application. */
export function writeToSource(lab: Lab, text: string): void {
  for (const primary of lab.primaries("source"))
    sql(primary, `update customer set email = '${text}' where customer_id = 3`);
}

export function expectSameRows(lab: Lab): void {
  for (const table of tables) expect(lab.rowsOf("target", table), table).toEqual(lab.rowsOf("source", table));
}
