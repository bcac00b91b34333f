/** Which names an expression can see: the columns of FROM, of outer queries, and named subqueries. */
import type { Catalog, Table } from "../catalog.js";
import { errors } from "../errors.js";
import type { FunctionContext } from "../functions/rules.js";
import type { Typed } from "./typed.js";

export interface SourceColumn {
  name: string;
  typed: Typed;
  /** Merged into another one by USING: found only with its table's name. */
  merged?: boolean;
  invisible?: boolean;
}

export interface Source {
  /** The name behind AS, or the table's own. */
  alias: string;
  database?: string;
  columns: SourceColumn[];
  /** Of a table (not of a query): itself, and its alias in SQLite. */
  base?: { table: Table; sqlAlias: string };
}

/** A WITH query: its translation is written out wherever it is named; a recursive one has a name in SQLite. */
export interface NamedQuery {
  name: string;
  sql: string;
  /** Inside a recursive query its own name in SQLite, which wants it bare in FROM. */
  recursiveName?: string;
  columns: { name: string; typed: Typed }[];
}

export interface TranslateContext extends FunctionContext {
  catalog: Catalog;
  mode(name: string): boolean;
  /** Throws MysqlError 1193. */
  variable(scope: "user" | "session" | "global" | "system", name: string): Typed;
  /** The text of the statement, for the names of unaliased columns. */
  sql: string;
  /** Fills information_schema's tables before they are read. */
  prepareTable(database: string, name: string): void;
  /** A name that no other table of the translation has. */
  nextAlias(): string;
  collation: string;
}

export class Scope {
  readonly sources: Source[] = [];
  readonly named = new Map<string, NamedQuery>();
  /** The select list's aliases, where ORDER BY, GROUP BY and HAVING may use them. */
  aliases: { name: string; typed: Typed }[] = [];
  /** Where the expression stands, for MySQL's error messages. */
  clause = "field list";
  /** VALUES(column) in ON DUPLICATE KEY UPDATE: the row that was to be inserted. */
  insertValues: ((name: string) => Typed | undefined) | undefined;

  constructor(
    readonly context: TranslateContext,
    readonly parent?: Scope,
  ) {}

  child(): Scope {
    return new Scope(this.context, this);
  }

  add(source: Source): void {
    if (this.sources.some((each) => each.alias === source.alias && each.database === source.database)) {
      throw errors.duplicateAlias(source.alias);
    }
    this.sources.push(source);
  }

  findNamed(name: string): NamedQuery | undefined {
    return this.named.get(name) ?? this.parent?.findNamed(name);
  }

  /** Throws MysqlError 1054 or 1052. */
  resolve(name: string, table?: string, database?: string): Typed {
    const found = this.lookUp(name, table, database);
    if (found) return found;
    const full = [database, table, name].filter((part) => part !== undefined).join(".");
    throw errors.unknownColumn(full, this.clause);
  }

  private lookUp(name: string, table?: string, database?: string): Typed | undefined {
    const wanted = name.toLowerCase();
    const found: Typed[] = [];
    for (const source of this.sources) {
      if (table !== undefined && source.alias !== table) continue;
      if (database !== undefined && source.database !== database) continue;
      for (const column of source.columns) {
        if (column.name.toLowerCase() === wanted && (table !== undefined || !column.merged)) found.push(column.typed);
      }
    }
    if (found.length > 1) throw errors.ambiguousColumn(name, this.clause);
    return found[0] ?? this.parent?.lookUp(name, table, database);
  }

  findAlias(name: string): Typed | undefined {
    const wanted = name.toLowerCase();
    return this.aliases.find((alias) => alias.name.toLowerCase() === wanted)?.typed;
  }

  /** The columns of `*` or `table.*`. Throws MysqlError 1051 for an unknown table. */
  star(table?: string, database?: string): SourceColumn[] {
    const sources = this.sources.filter(
      (source) =>
        (table === undefined || source.alias === table) && (database === undefined || source.database === database),
    );
    if (table !== undefined && sources.length === 0) throw errors.unknownTables(table);
    return sources.flatMap((source) =>
      source.columns.filter((column) => !column.invisible && !(column.merged && table === undefined)),
    );
  }
}
