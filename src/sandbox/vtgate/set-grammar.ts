import type { TokenReader } from "./token-reader.js";

export interface SetAssignment {
  scope: "session" | "global" | "user";
  /** Lower case, without "@@" and scope; NAMES is "names". */
  name: string;
  /** A literal's text; ON, OFF and DEFAULT as words; "@@x" and "@x" as they stand. */
  value: string;
}

/** SET's forms: NAMES, CHARACTER SET, TRANSACTION, and assignments of constants. The word SET is behind us. */
export function parseSet(reader: TokenReader): SetAssignment[] {
  if (reader.accept("names")) return [charset(reader, "names")];
  if (reader.accept("character", "set") || reader.accept("charset")) return [charset(reader, "character_set")];
  const scope = reader.accept("global") ? "global" : "session";
  if (scope === "session") reader.acceptOneOf("session", "local");
  if (reader.accept("transaction")) return [{ scope, name: "transaction", value: rest(reader) }];
  const assignments = [assignment(reader, scope)];
  while (reader.accept(",")) {
    const nextScope = reader.accept("global") ? "global" : "session";
    if (nextScope === "session") reader.acceptOneOf("session", "local");
    assignments.push(assignment(reader, nextScope));
  }
  reader.expectEnd();
  return assignments;
}

function charset(reader: TokenReader, name: string): SetAssignment {
  const value = reader.next().value;
  if (reader.accept("collate")) reader.next();
  reader.expectEnd();
  return { scope: "session", name, value };
}

function assignment(reader: TokenReader, scope: "session" | "global"): SetAssignment {
  const token = reader.next();
  if (token.kind !== "word" && token.kind !== "quoted" && token.kind !== "variable") throw reader.unexpected();
  const target = token.kind === "variable" ? variable(token.value) : { scope, name: token.value.toLowerCase() };
  if (!reader.accept("=") && !reader.accept(":=")) throw reader.unexpected();
  const sign = reader.acceptOneOf("-", "+") === "-" ? "-" : "";
  return { ...target, value: sign + reader.next().value };
}

/** "@@session.x", "@@x", "@x". */
export function variable(text: string): { scope: SetAssignment["scope"]; name: string } {
  if (!text.startsWith("@@")) return { scope: "user", name: text.slice(1).toLowerCase() };
  const name = text.slice(2).toLowerCase().replaceAll("`", "").replaceAll(/\s/g, "");
  const scoped = /^(global|session|local)\.(.*)$/.exec(name);
  return { scope: scoped?.[1] === "global" ? "global" : "session", name: scoped?.[2] ?? name };
}

function rest(reader: TokenReader): string {
  const words: string[] = [];
  while (!reader.atEnd()) words.push(reader.next().value.toLowerCase());
  return words.join(" ");
}
