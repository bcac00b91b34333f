import { unsupported } from "./errors.js";
import type { TokenReader } from "./token-reader.js";

export type ShowStatement =
  | { what: "databases"; like: string | undefined }
  | { what: "tables"; full: boolean; database: string; like: string | undefined }
  | { what: "columns" | "index"; full: boolean; database: string; table: string }
  | { what: "create table"; database: string; table: string }
  | { what: "create database"; database: string }
  | { what: "variables"; like: string | undefined }
  | { what: "vschema tables" | "vitess_shards" | "vitess_tablets" }
  | { what: "warnings" };

/** SHOW's forms. The word SHOW is behind us. */
export function parseShow(reader: TokenReader): ShowStatement {
  const show = form(reader);
  reader.expectEnd();
  return show;
}

function form(reader: TokenReader): ShowStatement {
  if (reader.accept("create")) return create(reader);
  if (reader.acceptOneOf("databases", "schemas", "keyspaces", "vitess_keyspaces") !== undefined) {
    return { what: "databases", like: like(reader) };
  }
  if (reader.accept("vschema", "tables")) return { what: "vschema tables" };
  const vitess = reader.acceptOneOf("vitess_shards", "vitess_tablets");
  if (vitess === "vitess_shards" || vitess === "vitess_tablets") return { what: vitess };
  if (reader.acceptOneOf("warnings", "errors") !== undefined) return { what: "warnings" };
  const scope = reader.acceptOneOf("global", "session");
  if (reader.accept("variables")) return { what: "variables", like: like(reader) };
  if (scope !== undefined) throw reader.unexpected();
  reader.accept("extended");
  const full = reader.accept("full");
  if (reader.accept("tables")) return { what: "tables", full, database: from(reader), like: like(reader) };
  if (reader.acceptOneOf("columns", "fields") !== undefined) return ofTable(reader, "columns", full);
  if (reader.acceptOneOf("index", "indexes", "keys") !== undefined) return ofTable(reader, "index", full);
  throw unsupported(`SHOW ${reader.next().value.toUpperCase()}`);
}

function create(reader: TokenReader): ShowStatement {
  if (reader.accept("table")) {
    const { qualifier, name } = reader.qualifiedName();
    return { what: "create table", database: qualifier, table: name };
  }
  if (reader.acceptOneOf("database", "schema") === undefined) throw unsupported("SHOW CREATE other than TABLE");
  return { what: "create database", database: reader.identifier() };
}

function ofTable(reader: TokenReader, what: "columns" | "index", full: boolean): ShowStatement {
  if (reader.acceptOneOf("from", "in") === undefined) throw reader.unexpected();
  const { qualifier, name } = reader.qualifiedName();
  return { what, full, database: from(reader) || qualifier, table: name };
}

function from(reader: TokenReader): string {
  return reader.acceptOneOf("from", "in") === undefined ? "" : reader.identifier();
}

function like(reader: TokenReader): string | undefined {
  if (!reader.accept("like")) return undefined;
  const token = reader.next();
  if (token.kind !== "string") throw reader.unexpected();
  return token.value;
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
