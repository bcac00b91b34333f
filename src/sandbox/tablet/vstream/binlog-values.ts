/** Values as they stand in the events of a VStream: what Vitess makes of the binary log's bytes (go/mysql/binlog/rbr.go, CellValue). */
import type { Value } from "../../../wire/result.js";
import type { ColumnSchema } from "../../mysql/port.js";

/**
 * From the text that a query has. `namedMembers`: values of ENUM and SET are their names, else their numbers in the
 * column's definition.
 */
export function binlogValue(value: Value, { field, columnType }: ColumnSchema, namedMembers: boolean): Value {
  if (value === null) return null;
  switch (field.type) {
    case "FLOAT32":
    case "FLOAT64":
      return Buffer.from(scientific(value.toString("latin1")));
    case "DECIMAL":
      // A zero before the point isn't written.
      return Buffer.from(value.toString("latin1").replace(/^(-?)0\./, "$1."));
    case "ENUM":
      return namedMembers ? value : Buffer.from(String(members(columnType).indexOf(value.toString("utf8")) + 1));
    case "SET":
      return namedMembers ? value : Buffer.from(String(bits(members(columnType), value.toString("utf8"))));
    default:
      return value;
  }
}

/** Go's strconv.FormatFloat(x, 'E', -1, ...): "1.5E+00", "1E-01", "-1.2345675E+05". */
function scientific(text: string): string {
  const [mantissa = "", exponent = "+0"] = Number(text).toExponential().split("e");
  const digits = exponent.slice(1).padStart(2, "0");
  return `${mantissa}E${exponent.startsWith("-") ? "-" : "+"}${digits}`;
}

/** Of "enum('a','it''s')": a, it's. */
function members(columnType: string): string[] {
  return [...columnType.matchAll(/'((?:[^']|'')*)'/g)].map(([, name = ""]) => name.replaceAll("''", "'"));
}

function bits(names: string[], value: string): bigint {
  const chosen = value === "" ? [] : value.split(",");
  return chosen.reduce((mask, name) => mask | (1n << BigInt(names.indexOf(name))), 0n);
}
