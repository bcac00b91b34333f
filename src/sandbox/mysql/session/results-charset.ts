import type { ResultSet } from "../../../wire/result.js";
import { CONNECTION_CHARSET } from "../types/sql-type.js";

/** By character set: the id of its default collation, what it lacks, and how it is written. */
const OTHERS: Record<string, { id: number; lacking: RegExp; encoding: "utf8" | "latin1" }> = {
  utf8: { id: 33, lacking: /[\u{10000}-\u{10ffff}]/gu, encoding: "utf8" },
  utf8mb3: { id: 33, lacking: /[\u{10000}-\u{10ffff}]/gu, encoding: "utf8" },
  latin1: { id: 8, lacking: /[\u{100}-\u{10ffff}]/gu, encoding: "latin1" },
};

/** Rows as they leave the server: text in the session's character_set_results, where what that lacks is a question mark. */
export function inResultsCharset(result: ResultSet, charset: string): ResultSet {
  const other = OTHERS[charset];
  if (other === undefined) return result;
  const isText = result.fields.map(({ charset: id, type }) => id === CONNECTION_CHARSET || type === "JSON");
  const fields = result.fields.map((field) =>
    field.charset === CONNECTION_CHARSET ? { ...field, charset: other.id } : field,
  );
  const rows = result.rows.map((row) =>
    row.map((value, i) =>
      value === null || !isText[i]
        ? value
        : Buffer.from(value.toString("utf8").replace(other.lacking, "?"), other.encoding),
    ),
  );
  return { ...result, fields, rows };
}
