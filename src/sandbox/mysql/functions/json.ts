import type { Engine } from "../engine.js";
import { errors } from "../errors.js";
import { asJson, asText } from "../translate/coerce.js";
import { computed, type Typed } from "../translate/typed.js";
import type { Stored } from "../types/datum.js";
import {
  formatJson,
  type Json,
  JsonNumber,
  JsonSyntaxError,
  normaliseJson,
  parseJson,
  quoteJson,
} from "../types/json.js";
import { intType, jsonType, textType } from "../types/sql-type.js";
import { arg, call, define, type Rules, text } from "./rules.js";

const TEXT = textType(1 << 20, "utf8mb4_bin");

export const jsonRules: Rules = {
  json_extract: define(2, 1000, (args) =>
    call("my_json_extract", [asDocument(arg(args, 0)), ...paths(args)], jsonType(), []),
  ),
  json_unquote: define(1, 1, (args) => call("my_json_unquote", [text(args, 0)], TEXT, [])),
  json_quote: define(1, 1, (args) => call("my_json_quote", [text(args, 0)], TEXT, [])),
  json_object: define(0, 1000, (args) =>
    call(
      "my_json_object",
      args.map((each, i) => (i % 2 === 0 ? asText(each) : asJson(each))),
      jsonType(),
      [],
    ),
  ),
  json_array: define(0, 1000, (args) => call("my_json_array", args.map(asJson), jsonType(), [])),
  json_valid: define(1, 1, (args) => call("my_json_valid", [text(args, 0)], intType(1), [])),
  json_type: define(1, 1, (args) =>
    call("my_json_type", [asDocument(arg(args, 0))], textType(51, "utf8mb4_0900_ai_ci"), []),
  ),
  json_length: define(1, 2, (args) =>
    call("my_json_length", [asDocument(arg(args, 0)), ...paths(args)], intType(10), []),
  ),
  json_keys: define(1, 2, (args) => call("my_json_keys", [asDocument(arg(args, 0)), ...paths(args)], jsonType(), [])),
  json_contains: define(2, 2, (args) =>
    call("my_json_contains", [asDocument(arg(args, 0)), asDocument(arg(args, 1))], intType(1), []),
  ),
  json_set: define(3, 1000, (args) => change("set", args)),
  json_insert: define(3, 1000, (args) => change("insert", args)),
  json_replace: define(3, 1000, (args) => change("replace", args)),
  json_remove: define(2, 1000, (args) =>
    call("my_json_remove", [asDocument(arg(args, 0)), ...paths(args)], jsonType(), []),
  ),
  json_pretty: define(1, 1, (args) => call("my_json_pretty", [asDocument(arg(args, 0))], TEXT, [])),
};

function paths(args: readonly Typed[]): string[] {
  return args.slice(1).map(asText);
}

/** Text arguments of JSON functions are documents, not JSON strings. */
function asDocument(operand: Typed): string {
  return operand.type.representation === "json" ? operand.sql : `my_json_parse(${asText(operand)})`;
}

function change(kind: string, args: readonly Typed[]): Typed {
  const rest = args.slice(1).map((each, i) => (i % 2 === 0 ? asText(each) : asJson(each)));
  return call("my_json_change", [`'${kind}'`, asDocument(arg(args, 0)), ...rest], jsonType(), []);
}

export function jsonArrow(left: Typed, right: Typed, unquoted: boolean): Typed {
  const extracted = `my_json_extract(${left.sql}, ${asText(right)})`;
  return unquoted ? computed(`my_json_unquote(${extracted})`, TEXT) : computed(extracted, jsonType());
}

type Step = { key: string } | { index: number; fromLast: boolean } | "anyKey" | "anyIndex" | "anywhere";

const steps = new Map<string, Step[]>();

/** "$.a[0].*": throws MysqlError 3143. */
function parsePath(path: string): Step[] {
  const known = steps.get(path);
  if (known) return known;
  const pattern =
    /\s*(?:\.\s*(?:([A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*)|("(?:[^"\\]|\\.)*")|(\*))|\[\s*(?:(\d+)|last(?:\s*-\s*(\d+))?|(\*))\s*\]|(\*\*))/y;
  const parsed: Step[] = [];
  let at = /^\s*\$/.exec(path)?.[0].length ?? -1;
  while (at >= 0 && at < path.trimEnd().length) {
    pattern.lastIndex = at;
    const match = pattern.exec(path);
    if (!match) {
      at = -1;
      break;
    }
    at = pattern.lastIndex;
    const [all, name, quoted, anyKey, index, back, anyIndex, anywhere] = match;
    if (name !== undefined) parsed.push({ key: name });
    else if (quoted !== undefined) parsed.push({ key: String(JSON.parse(quoted)) });
    else if (anyKey) parsed.push("anyKey");
    else if (index !== undefined) parsed.push({ index: Number(index), fromLast: false });
    else if (anyIndex) parsed.push("anyIndex");
    else if (anywhere) parsed.push("anywhere");
    else if (all.includes("last")) parsed.push({ index: Number(back ?? 0), fromLast: true });
  }
  if (at < 0) throw errors.incorrectArguments(`JSON path expression '${path}'`);
  steps.set(path, parsed);
  return parsed;
}

function find(value: Json, path: readonly Step[]): Json[] {
  const [step, ...rest] = path;
  if (step === undefined) return [value];
  if (step === "anywhere") return [...find(value, rest), ...children(value).flatMap((child) => find(child, path))];
  if (step === "anyKey") return value instanceof Map ? [...value.values()].flatMap((each) => find(each, rest)) : [];
  if (step === "anyIndex") return Array.isArray(value) ? value.flatMap((each) => find(each, rest)) : [];
  if ("key" in step) {
    const member = value instanceof Map ? value.get(step.key) : undefined;
    return member === undefined ? [] : find(member, rest);
  }
  // A scalar reads as an array of one.
  const items = Array.isArray(value) ? value : [value];
  const item = items[step.fromLast ? items.length - 1 - step.index : step.index];
  return item === undefined ? [] : find(item, rest);
}

function children(value: Json): Json[] {
  return Array.isArray(value) ? value : value instanceof Map ? [...value.values()] : [];
}

function modify(value: Json, path: readonly Step[], kind: string, to: Json | undefined): Json {
  const [step, ...rest] = path;
  if (step === undefined) return kind === "insert" || to === undefined ? value : to;
  if (typeof step === "string") throw errors.incorrectArguments("JSON path with wildcards");
  const isLast = rest.length === 0;
  if ("key" in step) {
    if (!(value instanceof Map)) return value;
    const members = new Map(value);
    const member = members.get(step.key);
    if (member !== undefined) {
      if (to === undefined && isLast) members.delete(step.key);
      else members.set(step.key, modify(member, rest, kind, to));
    } else if (isLast && to !== undefined && kind !== "replace") members.set(step.key, to);
    return members;
  }
  const items = Array.isArray(value) ? [...value] : [value];
  const index = step.fromLast ? items.length - 1 - step.index : step.index;
  const item = items[index];
  if (item !== undefined) {
    if (to === undefined && isLast) items.splice(index, 1);
    else items[index] = modify(item, rest, kind, to);
  } else if (isLast && to !== undefined && kind !== "replace") items.push(to);
  return Array.isArray(value) || items.length !== 1 ? items : (items[0] ?? null);
}

function contains(target: Json, candidate: Json): boolean {
  if (Array.isArray(candidate))
    return Array.isArray(target) && candidate.every((each) => target.some((item) => contains(item, each)));
  if (Array.isArray(target)) return target.some((item) => contains(item, candidate));
  if (candidate instanceof Map) {
    if (!(target instanceof Map)) return false;
    return [...candidate].every(([key, value]) => {
      const member = target.get(key);
      return member !== undefined && contains(member, value);
    });
  }
  return formatJson(target) === formatJson(candidate);
}

function typeName(value: Json): string {
  if (value === null) return "NULL";
  if (typeof value === "boolean") return "BOOLEAN";
  if (typeof value === "string") return "STRING";
  if (Array.isArray(value)) return "ARRAY";
  if (value instanceof Map) return "OBJECT";
  if (!/^-?\d+$/.test(value.text)) return "DOUBLE";
  return BigInt(value.text) >= 1n << 63n ? "UNSIGNED INTEGER" : "INTEGER";
}

/** JSON values in the order of MySQL's types and values, as text that compares so for numbers and strings. */
function sortableKey(value: Json): string {
  if (value instanceof JsonNumber) {
    const number = Number(value.text);
    const view = Buffer.alloc(8);
    view.writeDoubleBE(number);
    const bits = view.readBigUInt64BE();
    const ordered = number < 0 || Object.is(number, -0) ? BigInt.asUintN(64, ~bits) : bits | (1n << 63n);
    return `2${ordered.toString(16).padStart(16, "0")}`;
  }
  const rank =
    value === null
      ? "1"
      : typeof value === "string"
        ? "3"
        : value instanceof Map
          ? "4"
          : Array.isArray(value)
            ? "5"
            : "6";
  return rank + (typeof value === "string" ? value : formatJson(value));
}

export function installJson(engine: Engine): void {
  const parse = (value: Stored | undefined): Json => parseJson(String(value));
  const onDocument = (name: string, fn: (document: Json, rest: Stored[]) => Stored): void =>
    engine.scalar(name, ([document, ...rest]) =>
      document === null || rest.includes(null) ? null : fn(parse(document), rest),
    );

  engine.scalar("my_json_parse", ([value]) => {
    if (value === null) return null;
    try {
      return normaliseJson(String(value));
    } catch (error) {
      if (error instanceof JsonSyntaxError) throw errors.invalidJson(error.reason, error.position, "");
      throw error;
    }
  });
  engine.scalar("my_json_quote", ([value]) => (value === null ? null : quoteJson(String(value))));
  engine.scalar("my_json_key", ([value]) => (value === null ? null : sortableKey(parse(value))));
  onDocument("my_json_extract", (document, patterns) => {
    const parsed = patterns.map((path) => parsePath(String(path)));
    const found = parsed.flatMap((path) => find(document, path));
    const isSingle = parsed.length === 1 && !parsed[0]?.some((step) => typeof step === "string");
    if (found.length === 0) return null;
    return formatJson(isSingle ? (found[0] ?? null) : found);
  });
  engine.scalar("my_json_unquote", ([value]) => {
    if (value === null) return null;
    const source = String(value);
    if (!source.startsWith('"') || !source.endsWith('"') || source.length < 2) return source;
    return String(parseJson(source));
  });
  engine.scalar("my_json_object", (args) => {
    const members = new Map<string, Json>();
    for (let i = 0; i < args.length; i += 2)
      members.set(String(args[i]), args[i + 1] === null ? null : parse(args[i + 1]));
    return formatJson(members);
  });
  engine.scalar("my_json_array", (args) => formatJson(args.map((each) => (each === null ? null : parse(each)))));
  engine.scalar("my_json_valid", ([value]) => {
    if (value === null) return null;
    try {
      parse(value);
      return 1n;
    } catch {
      return 0n;
    }
  });
  onDocument("my_json_type", (document) => typeName(document));
  onDocument("my_json_length", (document, [path]) => {
    const [found] = path === undefined ? [document] : find(document, parsePath(String(path)));
    if (found === undefined) return null;
    return BigInt(Array.isArray(found) ? found.length : found instanceof Map ? found.size : 1);
  });
  onDocument("my_json_keys", (document, [path]) => {
    const [found] = path === undefined ? [document] : find(document, parsePath(String(path)));
    if (!(found instanceof Map)) return null;
    const sorted = parseJson(formatJson(found));
    return sorted instanceof Map ? formatJson([...sorted.keys()]) : null;
  });
  onDocument("my_json_contains", (document, [candidate]) => (contains(document, parse(candidate)) ? 1n : 0n));
  engine.scalar("my_json_change", ([kind, document, ...changes]) => {
    if (document === null) return null;
    let value = parse(document);
    for (let i = 0; i < changes.length; i += 2) {
      if (changes[i] === null) return null;
      value = modify(
        value,
        parsePath(String(changes[i])),
        String(kind),
        changes[i + 1] === null ? null : parse(changes[i + 1]),
      );
    }
    return formatJson(value);
  });
  onDocument("my_json_remove", (document, patterns) =>
    formatJson(
      patterns.reduce((value: Json, path) => modify(value, parsePath(String(path)), "remove", undefined), document),
    ),
  );
  onDocument("my_json_pretty", (document) => JSON.stringify(JSON.parse(formatJson(document)), null, 2));
}
