import { quoteIdentifier, sqlString } from "../../wire/sql.js";
import type { Show } from "../mysql/parse/show.js";
import { type Answer, done, textResult } from "./answer.js";
import { SqlError, unknownDatabase, unsupported } from "./errors.js";
import { anyKeyspace, type Plan } from "./plan.js";
import type { VitessShow } from "./statement.js";
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
export async function show(statement: Show, context: ShowContext): Promise<Answer> {
  if (statement.where !== undefined) throw unsupported("SHOW with WHERE; use LIKE");
  const { topology } = context;
  switch (statement.what) {
    case "databases":
      return textResult(["Database"], like(topology.vschema.keyspaces, statement.like));
    case "variables":
      return variables(statement.like, context.variables);
    case "warnings":
      return textResult(["Level", "Code", "Message"], []);
    case "createDatabase":
      return createDatabase(statement.name, topology);
    case "tables":
      return tables(statement, context);
    case "createTable":
    case "columns":
    case "indexes":
      return ofTable(statement, context);
    default:
      throw unsupported(`SHOW ${statement.what.replace(/[A-Z]/g, " $&").toUpperCase()}`);
  }
}

/** SHOW of what only Vitess has. */
export function vitessShow(what: VitessShow, session: TargetString, topology: Topology): Answer {
  if (what === "vitess_shards") return textResult(["Shards"], shards(topology));
  if (what === "vitess_tablets") return vitessTablets(topology);
  if (session.keyspace === "") throw noDatabase();
  return textResult(
    ["Tables"],
    topology.vschema.tables(session.keyspace).map((name) => [name]),
  );
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

async function tables(statement: ShowOf<"tables">, context: ShowContext): Promise<Answer> {
  const target = statement.database === undefined ? context.session : parseTarget(statement.database);
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

type ShowOf<What extends Show["what"]> = Extract<Show, { what: What }>;

async function ofTable(
  statement: ShowOf<"createTable" | "columns" | "indexes">,
  context: ShowContext,
): Promise<Answer> {
  const { database, name } = statement.table;
  const named = database === undefined ? context.session : parseTarget(database);
  const { keyspace } = context.topology.vschema.resolve(named.keyspace, name);
  const verb = {
    createTable: "show create table",
    columns: `show ${"full" in statement && statement.full ? "full " : ""}columns from`,
    indexes: "show index from",
  }[statement.what];
  const pattern = statement.like === undefined ? "" : ` like ${sqlString(statement.like)}`;
  return context.run(planFor({ ...named, keyspace }, `${verb} ${quoteIdentifier(name)}${pattern}`, context));
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

/** LIKE's pattern as a test, without regard to case. */
export function matchesLike(pattern: string | undefined, text: string): boolean {
  if (pattern === undefined) return true;
  const source = pattern.replace(/\\?[\s\S]/g, (part) => {
    if (part === "%") return ".*";
    if (part === "_") return ".";
    return part.replace(/^\\(?=.)/, "").replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source}$`, "is").test(text);
}
