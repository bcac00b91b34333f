/** A script of SQL statements, run one by one, with the line on which each begins. */
export interface ScriptStatement {
  sql: string;
  /** Counted from 1. */
  line: number;
}

const pieces =
  /'(?:[^'\\]|\\[\s\S]|'')*'?|"(?:[^"\\]|\\[\s\S]|"")*"?|`[^`]*`?|--[ \t][^\n]*|#[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|;|[^'"`;#/-]+|[\s\S]/g;

/** Semicolons in strings, names and comments don't separate. */
export function splitScript(script: string): ScriptStatement[] {
  const statements: ScriptStatement[] = [];
  let text = "";
  let start = 0;
  const finish = (end: number) => {
    const sql = text.trim();
    const blank = text.length - text.trimStart().length;
    if (sql !== "") statements.push({ sql, line: script.slice(0, start + blank).split("\n").length });
    text = "";
    start = end;
  };
  for (const piece of script.matchAll(pieces)) {
    if (piece[0] === ";") finish(piece.index + 1);
    else text += piece[0];
  }
  finish(script.length);
  return statements;
}
