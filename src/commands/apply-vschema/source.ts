import { readFile } from "node:fs/promises";
import { UsageError } from "../../errors.js";

export interface Source {
  /** A document that replaces the stored one, or a statement that changes it. */
  kind: "json" | "sql";
  text: string;
  /** Where the text came from, when it is a file. */
  file?: string;
}

const howMany = "of the --sql, --sql_file, --vschema, or --vschema_file flags";
const whose = "when calling the ApplyVSchema command";

/** Exactly one of the four; an empty text counts as not given, as in Vitess. */
export async function readSource(options: {
  vschema: string;
  vschemaFile: string;
  sql: string;
  sqlFile: string;
}): Promise<Source> {
  const { vschema, vschemaFile, sql, sqlFile } = options;
  const given = [vschema, vschemaFile, sql, sqlFile].filter((value) => value !== "").length;
  const hint = "Example: vtmigrate ApplyVSchema -vschema_file commerceVschema.json commerce";
  if (given > 1) throw new UsageError(`only one ${howMany} may be specified ${whose}`, { hint });
  if (given === 0) throw new UsageError(`one ${howMany} must be specified ${whose}`, { hint });
  if (vschema !== "") return { kind: "json", text: vschema };
  if (sql !== "") return { kind: "sql", text: sql };
  const file = vschemaFile || sqlFile;
  return { kind: vschemaFile === "" ? "sql" : "json", text: await readText(file), file };
}

/** UsageError in Go's words: "open x.json: no such file or directory". */
async function readText(file: string): Promise<string> {
  const problems: Record<string, string> = {
    ENOENT: "no such file or directory",
    EACCES: "permission denied",
    EISDIR: "is a directory",
  };
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    throw new UsageError(
      `${code === "EISDIR" ? "read" : "open"} ${file}: ${problems[code] ?? (code || String(error))}`,
      { cause: error },
    );
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new UsageError(`${file}: the file is not UTF-8 text`, { cause: error });
  }
}
