/**
 * JSON as Go prints it. Plain objects keep their keys' order (Go structs), Maps are sorted by key (Go
 * maps), bigint is a number literal, bytes are base64, `undefined` members are left out.
 */
export interface GoJsonLayout {
  /** "" for one line without blanks, "\t" or "  " for json.MarshalIndent. */
  indent: string;
  /** encoding/json escapes <, >, &, U+2028 and U+2029; protojson doesn't. */
  escapeHtml: boolean;
}

/** encoding/json's MarshalIndent with tabs: `Workflow show`. */
export const tabIndented: GoJsonLayout = { indent: "\t", escapeHtml: true };
/** encoding/json's MarshalIndent with two spaces: `FindAllShardsInKeyspace`. */
export const spaceIndented: GoJsonLayout = { indent: "  ", escapeHtml: true };
/** encoding/json's Marshal: `Mount -show`. */
export const compact: GoJsonLayout = { indent: "", escapeHtml: true };
/** protojson with two spaces: `GetVSchema`, `GetTablet`; int64 must be strings already. */
export const protoIndented: GoJsonLayout = { indent: "  ", escapeHtml: false };

export function goJson(value: unknown, layout: GoJsonLayout): string {
  return print(value, layout, "\n");
}

/** A command's result for `-json`: two spaces, in the order the result has its keys. */
export function toJson(value: unknown): string {
  return goJson(value, protoIndented);
}

function print(value: unknown, layout: GoJsonLayout, newline: string): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "string") return quote(value, layout.escapeHtml);
  if (value instanceof Uint8Array) return quote(Buffer.from(value).toString("base64"), false);
  if (typeof value === "object" && value !== null && "toJSON" in value && typeof value.toJSON === "function") {
    return print(value.toJSON(), layout, newline);
  }
  if (Array.isArray(value) || value instanceof Set) {
    const items = [...value].map((item) => print(item, layout, deeper(newline, layout)));
    return enclose("[", items, "]", layout, newline);
  }
  if (typeof value === "object" && value !== null) {
    const colon = layout.indent === "" ? ":" : ": ";
    const members = entriesOf(value)
      .filter(([, member]) => member !== undefined && typeof member !== "function")
      .map(([key, member]) => quote(key, layout.escapeHtml) + colon + print(member, layout, deeper(newline, layout)));
    return enclose("{", members, "}", layout, newline);
  }
  return JSON.stringify(value) ?? "null";
}

function entriesOf(value: object): [string, unknown][] {
  if (!(value instanceof Map)) return Object.entries(value);
  const entries = [...value].map(([key, member]): [string, unknown] => [String(key), member]);
  return entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function enclose(open: string, items: string[], close: string, layout: GoJsonLayout, newline: string): string {
  if (items.length === 0) return open + close;
  if (layout.indent === "") return open + items.join(",") + close;
  const inner = deeper(newline, layout);
  return open + inner + items.join(`,${inner}`) + newline + close;
}

function deeper(newline: string, layout: GoJsonLayout): string {
  return newline + layout.indent;
}

/** Go replaces what isn't Unicode. */
const loneSurrogate = /\p{Surrogate}/gu;

function quote(text: string, escapeHtml: boolean): string {
  const json = JSON.stringify(text.replace(loneSurrogate, "\ufffd"));
  if (!escapeHtml) return json;
  return json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
