import { type EncodedRow, readRows } from "../../src/wire/encoded-row.js";
import { encode } from "../../src/wire/proto.js";
import { encodeRow, type Value } from "../../src/wire/result.js";

/** Rows as one packet of a VStreamResults call brings them. All have as many values as the first. */
export function encodedRows(rows: readonly (readonly Value[])[]): EncodedRow[] {
  return readRows(encode("binlogdata.VStreamResultsResponse", { rows: rows.map(encodeRow) }), rows[0]?.length ?? 0);
}
