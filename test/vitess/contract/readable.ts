/** Whose "0" is a name; anywhere else it is a number's default. */
const NAMES = new Set(["shard", "name"]);

/** A message for readers, and for JSON: bytes as base64, without what is empty, absent or protobufjs's own. */
export function readable(value: unknown, key = ""): unknown {
  if (Buffer.isBuffer(value)) return value.length === 0 ? undefined : value.toString("base64");
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map((item) => readable(item) ?? {});
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([name, item]) => [name, readable(item, name)] as const);
    return Object.fromEntries(entries.filter(([name, item]) => item !== undefined && !name.startsWith("_")));
  }
  if (value === "0" && !NAMES.has(key)) return undefined;
  return value === "" || value === 0 || value === false || value === null ? undefined : value;
}
