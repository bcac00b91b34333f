import { quoteIdentifier } from "../../wire/sql.js";
import { type Answer, done, textResult } from "./answer.js";
import { SqlError, unknownDatabase } from "./errors.js";
import { anyKeyspace, type Plan } from "./plan.js";
import { matchesLike, type ShowStatement } from "./show-grammar.js";
import { parseTarget, type TargetString } from "./target.js";
import { aliasOf, type Topology } from "./topology.js";

export interface ShowContext {
  session: TargetString;
  topology: Topology;
  variables: [string, string | number][];
  /** Runs a query that names no keyspace any more. */
  run(plan: Plan): Promise<Answer>;
}

/** SHOW as a vtgate answers it: databases are keyspaces, and tables are asked of a tablet. */
export async function show(statement: ShowStatement, context: ShowContext): Promise<Answer> {
  const { topology } = context;
  switch (statement.what) {
    case "databases":
      return textResult(["Database"], like(topology.vschema.keyspaces, statement.like));
    case "variables":
      return variables(statement.like, context.variables);
    case "warnings":
      return textResult(["Level", "Code", "Message"], []);
    case "create database":
      return createDatabase(statement.database, topology);
    case "vschema tables":
      return vschemaTables(context);
    case "vitess_shards":
      return textResult(["Shards"], shards(topology));
    case "vitess_tablets":
      return vitessTablets(topology);
    case "tables":
      return tables(statement, context);
    default:
      return ofTable(statement, context);
  }
}

function like(names: string[], pattern: string | undefined): string[][] {
  return names.filter((name) => matchesLike(pattern, name)).map((name) => [name]);
}

function variables(pattern: string | undefined, all: ShowContext["variables"]): Answer {
  const rows = all.filter(([name]) => matchesLike(pattern, name)).map(([name, value]) => [name, String(value)]);
  return textResult(["Variable_name", "Value"], rows);
}

function createDatabase(name: string, topology: Topology): Answer {
  if (!topology.vschema.has(name)) throw unknownDatabase(name);
  return textResult(["Database", "Create Database"], [[name, `CREATE DATABASE ${quoteIdentifier(name)}`]]);
}

function vschemaTables({ session, topology }: ShowContext): Answer {
  if (session.keyspace === "") throw noDatabase();
  return textResult(
    ["Tables"],
    topology.vschema.tables(session.keyspace).map((name) => [name]),
  );
}

function shards(topology: Topology): string[][] {
  return topology.vschema.keyspaces.flatMap((keyspace) =>
    topology.shards(keyspace, "PRIMARY").map((shard) => [`${keyspace}/${shard}`]),
  );
}

function vitessTablets(topology: Topology): Answer {
  const rows = topology.tablets().map((tablet) => {
    const seconds = Number(tablet.primary_term_start_time?.seconds ?? 0);
    const since = seconds === 0 ? "" : new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
    const { keyspace, shard, type, hostname } = tablet;
    return [tablet.alias?.cell ?? "", keyspace, shard, type, "SERVING", aliasOf(tablet), hostname, since];
  });
  const columns = ["Cell", "Keyspace", "Shard", "TabletType", "State", "Alias", "Hostname", "PrimaryTermStartTime"];
  return textResult(columns, rows);
}

async function tables(statement: ShowStatement & { what: "tables" }, context: ShowContext): Promise<Answer> {
  const target = statement.database === "" ? context.session : parseTarget(statement.database);
  if (target.keyspace === "") throw noDatabase();
  const sql = statement.full ? "show full tables" : "show tables";
  const answer = await context.run(planFor(target, sql, context));
  const [first, ...others] = answer.fields;
  if (first === undefined) return done;
  return {
    ...answer,
    // The tablet's MySQL names its own database here.
    fields: [{ ...first, name: `Tables_in_${target.keyspace}` }, ...others],
    rows: answer.rows.filter((row) => matchesLike(statement.like, row[0]?.toString("utf8") ?? "")),
  };
}

type OfTable = ShowStatement & { what: "columns" | "index" | "create table" };

async function ofTable(statement: OfTable, context: ShowContext): Promise<Answer> {
  const named = statement.database === "" ? context.session : parseTarget(statement.database);
  const { keyspace } = context.topology.vschema.resolve(named.keyspace, statement.table);
  const table = quoteIdentifier(statement.table);
  const sql = {
    "create table": `show create table ${table}`,
    columns: `show ${"full" in statement && statement.full ? "full " : ""}columns from ${table}`,
    index: `show index from ${table}`,
  }[statement.what];
  return context.run(planFor({ ...named, keyspace }, sql, context));
}

function planFor(target: TargetString, sql: string, { topology }: ShowContext): Plan {
  return { target: anyKeyspace(target, topology.vschema), verb: "select", sql, anyShard: true };
}

function noDatabase(): SqlError {
  return new SqlError(
    1046,
    "3D000",
    "VT09005: no database selected: use keyspace<:shard><@type> or keyspace<[range]><@type> (<> are optional)",
  );
}
