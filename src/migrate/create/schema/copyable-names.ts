import { PreflightError } from "../../../errors.js";

/** _vt.copy_state.table_name (go/vt/sidecardb/schema/vreplication/copy_state.sql, and v11's engine.go). */
const LONGEST_BYTES = 128;

/**
 * That a stream can copy tables of these names. PreflightError for names that start with a slash, which a stream's
 * rule takes for a regular expression (go/vt/vttablet/tabletmanager/vreplication/table_plan_builder.go), and for
 * names longer than the tablets' own table of copies can hold.
 */
export function requireCopyableNames(tables: string[]): void {
  const patterns = tables.filter((name) => name.startsWith("/"));
  const long = tables.filter((name) => Buffer.byteLength(name) > LONGEST_BYTES);
  const complaints = [
    ...(patterns.length > 0
      ? [`Vitess takes a table name that starts with a slash for a regular expression: ${patterns.join(", ")}`]
      : []),
    ...(long.length > 0
      ? [`Vitess can't keep track of a table whose name is longer than ${LONGEST_BYTES} bytes: ${long.join(", ")}`]
      : []),
  ];
  if (complaints.length === 0) return;
  throw new PreflightError(complaints.join("; "), {
    hint: "Rename them on the source, or leave them out with -exclude.",
  });
}
