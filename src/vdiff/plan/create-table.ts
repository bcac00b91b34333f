import { identifierName, isWord, sqlWords } from "./sql-words.js";

export interface ColumnDefinition {
  name: string;
  /** Normalised, so that MySQL 5.7, MySQL 8 and MariaDB spell equal types alike: "bigint unsigned", "varchar(64)". */
  type: string;
  /** Of text columns, as far as the statement tells: "utf8mb4_0900_ai_ci", or "latin1 (default)". */
  collation: string | undefined;
  generated: boolean;
}

const TEXT_TYPE = /^(char|varchar|tinytext|text|mediumtext|longtext|enum|set)\b/;

/**
 * The columns of a SHOW CREATE TABLE text, which every server prints one to a line. What GetSchema says in
 * fields alone doesn't tell generated columns and collations.
 */
export function parseCreateTable(sql: string): ColumnDefinition[] {
  const lines = sql.split("\n");
  const fallback = tableCollation(lines.at(-1) ?? "");
  return lines.filter((line) => /^\s*`/.test(line)).map((line) => parseColumn(line, fallback));
}

function parseColumn(line: string, fallback: string | undefined): ColumnDefinition {
  const words = sqlWords(line.trim().replace(/,$/, ""));
  const name = identifierName(words[0]?.text ?? "");
  let end = words[1]?.end ?? 0;
  let next = 2;
  if (words[2]?.text === "(") {
    next = words.findIndex((word, i) => i > 2 && word.text === ")" && word.depth === 0) + 1;
    end = words[next - 1]?.end ?? end;
  }
  let type = line.trim().slice(words[1]?.start ?? 0, end);
  while (isWord(words[next], "unsigned", "zerofill")) type += ` ${words[next++]?.text}`;
  const rest = words.slice(next).filter((word) => word.depth === 0 && !/^['"`]/.test(word.text));
  const after = (...keys: string[]) => {
    const at = rest.findIndex((_, i) => keys.every((key, k) => isWord(rest[i + k], key)));
    return at < 0 ? undefined : rest[at + keys.length]?.text.toLowerCase();
  };
  const charset = after("character", "set");
  const explicit = after("collate") ?? (charset === undefined ? undefined : `${charset} (default)`);
  const normalised = normaliseType(type);
  return {
    name,
    type: normalised,
    collation: TEXT_TYPE.test(normalised) ? normaliseCollation(explicit ?? fallback) : undefined,
    generated: rest.some((word, i) => isWord(word, "as") && (i === 0 || isWord(rest[i - 1], "always"))),
  };
}

/** Display widths of integers are gone from MySQL 8; their ZEROFILL still shows. */
function normaliseType(type: string): string {
  return type
    .replace(/^\w+/, (word) => word.toLowerCase())
    .replace(/^(tinyint|smallint|mediumint|int|bigint|year)\s*\(\d+\)/, "$1")
    .replace(/\s*,\s*/g, ",");
}

function normaliseCollation(collation: string | undefined): string | undefined {
  return collation?.replace(/^utf8(?=[_ ])/, "utf8mb3");
}

function tableCollation(options: string): string | undefined {
  const collate = /\bCOLLATE=(\w+)/i.exec(options)?.[1];
  const charset = /\bCHARSET=(\w+)/i.exec(options)?.[1];
  return collate?.toLowerCase() ?? (charset === undefined ? undefined : `${charset.toLowerCase()} (default)`);
}
