/** A stretch of a text, and what takes its place. Offsets count UTF-16 units. */
export interface Edit {
  start: number;
  end: number;
  text: string;
}

/** Replaces stretches of `sql`; they must not overlap. */
export function splice(sql: string, edits: Edit[]): string {
  let out = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    out += sql.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + sql.slice(at);
}
