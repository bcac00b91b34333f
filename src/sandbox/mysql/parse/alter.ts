import type { Cursor } from "./cursor.js";
import { inlineKey } from "./ddl.js";
import type { AlterAction, ColumnDefinition, ColumnPlace } from "./ddl-ast.js";
import { parseTableName } from "./query.js";
import {
  type Constraints,
  columnBody,
  parseColumn,
  parseConstraint,
  parseDefault,
  tableOption,
} from "./table-definition.js";

/** One comma-separated part of ALTER TABLE; `ADD (a int, b int)` gives several actions. */
export function parseAlter(cursor: Cursor): AlterAction[] {
  if (cursor.acceptWord("ADD")) return add(cursor);
  if (cursor.acceptWord("DROP")) return [drop(cursor)];
  if (cursor.acceptWord("MODIFY")) {
    cursor.acceptWord("COLUMN");
    const column = parseColumn(cursor);
    return withKey(column, { kind: "changeColumn", name: column.name, column, place: place(cursor) });
  }
  if (cursor.acceptWord("CHANGE")) {
    cursor.acceptWord("COLUMN");
    const name = cursor.identifier();
    const column = columnBody(cursor, cursor.identifier());
    return withKey(column, { kind: "changeColumn", name, column, place: place(cursor) });
  }
  if (cursor.acceptWord("RENAME")) return [rename(cursor)];
  if (cursor.acceptWord("ALTER")) return [alterColumn(cursor)];
  if (cursor.acceptWords("CONVERT", "TO")) {
    if (!cursor.acceptWords("CHARACTER", "SET")) cursor.expectWord("CHARSET");
    const charset = cursor.nameOrString().toLowerCase();
    const collation = cursor.acceptWord("COLLATE") ? cursor.nameOrString().toLowerCase() : undefined;
    return [{ kind: "convert", charset, ...(collation && { collation }) }];
  }
  if (cursor.acceptWord("ALGORITHM", "LOCK")) {
    cursor.acceptSymbol("=");
    cursor.next();
    return [];
  }
  if (cursor.isWords("DISABLE", "KEYS") || cursor.isWords("ENABLE", "KEYS")) {
    cursor.position += 2;
    return [];
  }
  const options = {};
  if (!tableOption(cursor, options)) cursor.fail();
  while (tableOption(cursor, options));
  return [{ kind: "options", options }];
}

function add(cursor: Cursor): AlterAction[] {
  const into: Constraints = { keys: [], foreignKeys: [], checks: [] };
  if (parseConstraint(cursor, into)) {
    return [
      ...into.keys.map((key): AlterAction => ({ kind: "addKey", key })),
      ...into.foreignKeys.map((foreignKey): AlterAction => ({ kind: "addForeignKey", foreignKey })),
      ...into.checks.map((check): AlterAction => ({ kind: "addCheck", check })),
    ];
  }
  cursor.acceptWord("COLUMN");
  if (cursor.isSymbol("("))
    return cursor.parenthesised(() => parseColumn(cursor)).map((column) => addColumn(column, undefined));
  const column = parseColumn(cursor);
  return [addColumn(column, place(cursor))];
}

function addColumn(column: ColumnDefinition, where: ColumnPlace): AlterAction {
  const key = inlineKey(column);
  return { kind: "addColumn", column, place: where, keys: key ? [key] : [] };
}

function withKey(column: ColumnDefinition, action: AlterAction): AlterAction[] {
  const key = inlineKey(column);
  return key ? [action, { kind: "addKey", key }] : [action];
}

function place(cursor: Cursor): ColumnPlace {
  if (cursor.acceptWord("FIRST")) return { first: true };
  return cursor.acceptWord("AFTER") ? { after: cursor.identifier() } : undefined;
}

function drop(cursor: Cursor): AlterAction {
  if (cursor.acceptWords("PRIMARY", "KEY")) return { kind: "dropKey", name: "PRIMARY" };
  if (cursor.acceptWord("KEY", "INDEX")) return { kind: "dropKey", name: cursor.identifier() };
  if (cursor.acceptWords("FOREIGN", "KEY")) return { kind: "dropForeignKey", name: cursor.identifier() };
  if (cursor.acceptWord("CHECK", "CONSTRAINT")) return { kind: "dropCheck", name: cursor.identifier() };
  cursor.acceptWord("COLUMN");
  return { kind: "dropColumn", name: cursor.identifier() };
}

function rename(cursor: Cursor): AlterAction {
  if (cursor.isWord("COLUMN", "INDEX", "KEY")) {
    const kind = cursor.next().text === "COLUMN" ? "renameColumn" : "renameKey";
    const name = cursor.identifier();
    cursor.expectWord("TO");
    return { kind, name, to: cursor.identifier() };
  }
  cursor.acceptWord("TO", "AS");
  cursor.acceptSymbol("=");
  return { kind: "rename", to: parseTableName(cursor) };
}

function alterColumn(cursor: Cursor): AlterAction {
  cursor.acceptWord("COLUMN");
  const name = cursor.identifier();
  if (cursor.acceptWords("DROP", "DEFAULT")) return { kind: "setDefault", name, isExpression: false };
  cursor.expectWord("SET");
  cursor.expectWord("DEFAULT");
  const isExpression = cursor.isSymbol("(");
  return { kind: "setDefault", name, value: parseDefault(cursor), isExpression };
}
