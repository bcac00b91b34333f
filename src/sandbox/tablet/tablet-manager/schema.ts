/** GetSchema, ApplySchema, ReloadSchema. */
import { parsePosition } from "../../../wire/position.js";
import type { MessageInput, MessageOutput } from "../../../wire/proto.js";
import { quoteIdentifier, sqlString } from "../../../wire/sql.js";
import { MysqlError, type Session } from "../../mysql/port.js";
import { refuseWrites } from "../read-only.js";
import { schemaDefinition } from "../schema.js";
import { type ScriptStatement, splitScript } from "../script.js";
import type { UnaryMethod } from "../server.js";
import type { TabletState } from "../state.js";

export function getSchema(
  state: TabletState,
): UnaryMethod<
  MessageOutput<"tabletmanagerdata.GetSchemaRequest">,
  MessageInput<"tabletmanagerdata.GetSchemaResponse">
> {
  return (request) => ({ schema_definition: schemaDefinition(state, request) });
}

/**
 * Runs the script on a session of its own; a failing statement ends it, earlier ones stay. The schema before and
 * after comes back.
 */
export function applySchema(
  state: TabletState,
): UnaryMethod<
  MessageOutput<"tabletmanagerdata.ApplySchemaRequest">,
  MessageInput<"tabletmanagerdata.ApplySchemaResponse">
> {
  const everything = { tables: [], include_views: true, exclude_tables: [], table_schema_only: false };
  return (request) => {
    const before = schemaDefinition(state, everything);
    const session = state.mysql.session({ database: state.dbName });
    try {
      const statements = splitScript(`${preamble(state, request)}${request.sql}`);
      for (const statement of inClientCharset(state, statements)) run(state, session, statement);
    } finally {
      session.close();
    }
    return { before_schema: before, after_schema: schemaDefinition(state, everything) };
  };
}

/** mysqlctl/schema.go, ApplySchemaChange; each version sends what it knows. */
function preamble(state: TabletState, request: MessageOutput<"tabletmanagerdata.ApplySchemaRequest">): string {
  const lines = [`USE ${quoteIdentifier(state.dbName)}`];
  const { applySchema: knows } = state.profile;
  if (request.disable_foreign_key_checks && knows.foreignKeyChecks) lines.push("SET foreign_key_checks = 0");
  if (!request.allow_replication) lines.push("SET sql_log_bin = 0");
  if (request.sql_mode !== "" && knows.sqlMode) lines.push(`SET @@session.sql_mode=${sqlString(request.sql_mode)}`);
  return lines.map((line) => `${line};\n`).join("");
}

/**
 * The mysql client of MariaDB and of MySQL 5.7 announces latin1 (cp1252) until the script names another character set:
 * measured on v14.0.5 with MariaDB 10.11, where a table `tä` becomes `tÃ¤`.
 */
function inClientCharset({ profile }: TabletState, statements: ScriptStatement[]): ScriptStatement[] {
  if (!profile.applySchema.throughMysqlClient) return statements;
  const latin1 = new TextDecoder("windows-1252");
  let utf8 = false;
  return statements.map((statement) => {
    utf8 = /^set\s+names\s+'?(\w+)/i.exec(statement.sql)?.[1]?.toLowerCase().startsWith("utf8") ?? utf8;
    return utf8 ? statement : { ...statement, sql: latin1.decode(Buffer.from(statement.sql)) };
  });
}

function run(state: TabletState, session: Session, statement: ScriptStatement): void {
  try {
    refuseWrites(state, statement.sql);
    session.execute(statement.sql);
  } catch (error) {
    if (!(error instanceof MysqlError) || !state.profile.applySchema.throughMysqlClient) throw error;
    throw new Error(mysqlClientText(error, statement));
  }
}

/** What the mysql client prints with --batch and -v, and the exit status that Go adds. */
function mysqlClientText(error: MysqlError, { sql, line }: ScriptStatement): string {
  const rule = "--------------";
  const text = `ERROR ${error.errno} (${error.sqlState}) at line ${line}: ${error.message}`;
  return `/usr/bin/mysql: exit status 1, output: ${rule}\n${sql}\n${rule}\n\n${text}\n`;
}

/** The schema is read afresh at every request: there is nothing to reload. */
export function reloadSchema(
  state: TabletState,
): UnaryMethod<MessageOutput<"tabletmanagerdata.ReloadSchemaRequest">, Record<string, never>> {
  return async (request, { signal }) => {
    if (request.wait_position === "") return {};
    await state.mysql.waitForGtid(parsePosition(request.wait_position).gtidSet, signal);
    return {};
  };
}
