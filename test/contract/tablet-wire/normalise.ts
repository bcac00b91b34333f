/** Answers as plain values, without what differs from run to run. */
import { serviceDefinition } from "../../../src/wire/proto.js";

export interface NormaliseOptions {
  /** Descriptions of columns count in full; else by name and type only. */
  strict: boolean;
  /** Columns that are described by name only all the same. */
  loose?: string[];
  /** How many rows of a result count; absent: all. */
  rows?: number | undefined;
  /** Counts of rows are InnoDB's estimates. */
  estimates?: boolean;
  /** Columns of rows whose values don't count. */
  hidden?: number[];
}

export interface Answered {
  responses: Buffer[];
  error: { code: number; details: string } | null;
}

export function normalise(method: string, answer: Answered, options: NormaliseOptions): unknown {
  const [, service = "", name = ""] = method.split("/");
  const definition = serviceDefinition(service as Parameters<typeof serviceDefinition>[0])[name];
  return {
    responses: answer.responses.map((bytes) => clean(definition?.responseDeserialize(bytes), options)),
    error: answer.error === null ? null : { ...answer.error, details: cleanError(answer.error.details, options) },
  };
}

type Json = Record<string, unknown>;

function clean(value: unknown, options: NormaliseOptions): unknown {
  if (typeof value === "string") return cleanText(value, options);
  if (Buffer.isBuffer(value)) return cleanText(value.toString("utf8"), options);
  if (Array.isArray(value)) return value.map((item) => clean(item, options));
  if (typeof value !== "object" || value === null) return value;
  const object = value as Json;
  if ("lengths" in object) return row(object, options);
  const loose = !options.strict || options.loose?.includes(String(object.name));
  if ("org_table" in object && loose) return [object.name, looseType(object.type)];
  const entries = Object.entries(object).map(([key, item]): [string, unknown] => {
    if (key === "qps") return [key, 0];
    if (key === "row_count" && options.estimates) return [key, "<estimate>"];
    if (key === "rows" && Array.isArray(item)) return [key, clean(item.slice(0, options.rows), options)];
    return [key, clean(item, options)];
  });
  return Object.fromEntries(entries);
}

/** A row as its values. */
function row({ lengths, values }: Json, options: NormaliseOptions): (string | null)[] {
  let offset = 0;
  return (lengths as string[]).map((text, column) => {
    const length = Number(text);
    offset += Math.max(length, 0);
    if (options.hidden?.includes(column)) return "<hidden>";
    if (length < 0) return null;
    return cleanText((values as Buffer).subarray(offset - length, offset).toString("utf8"), options);
  });
}

function cleanText(text: string, { strict }: NormaliseOptions): string {
  const masked = text
    .replace(/(?:MySQL56|MariaDB)\/[\w:,-]*/g, "<position>")
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<uuid>")
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b/g, "<time>")
    .replace(/\b1[78]\d{8}\b/g, "<epoch>");
  return strict ? masked : canonicalJson(masked);
}

/** MariaDB has no JSON of its own, and counts a logical value as a number. */
function looseType(type: unknown): unknown {
  return { JSON: "BLOB", INT64: "INT32" }[String(type)] ?? type;
}

/** A JSON document without regard to blanks and the order of its keys; anything else as it is. */
function canonicalJson(text: string): string {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.stringify(sorted(JSON.parse(text)));
  } catch {
    return text;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value as Json)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

function cleanError(details: string, options: NormaliseOptions): string {
  return cleanText(details, options)
    .replaceAll("MariaDB server", "MySQL server")
    .replaceAll("in 'SELECT'", "in 'field list'");
}
