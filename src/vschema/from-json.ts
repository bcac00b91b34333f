import { UsageError } from "../errors.js";
import { closest } from "../suggest.js";
import type { Keyspace } from "../wire/generated/vschema/Keyspace.js";
import type { Table } from "../wire/generated/vschema/Table.js";
import { type Field, jsonName, messages, type VSchemaMessage } from "./fields.js";
import { type JsonMember, type JsonNode, JsonSyntaxError, parseJsonText, positionOf } from "./json-text.js";

export interface ReadOptions {
  /** Drop fields that no VSchema has, instead of refusing them. */
  allowUnknown: boolean;
  /** The file's name, for messages; none for a text from the command line. */
  file?: string;
}

/**
 * The tables of a JSON text that is the value of a VSchema's "tables": names to definitions. Refused as
 * `readVSchemaJson` refuses, unknown fields always; places count in the text as it is given.
 */
export function readTablesJson(text: string): Record<string, Table> {
  return new Reader(text, { allowUnknown: false }, "").tables();
}

export interface ReadVSchema {
  vschema: Keyspace;
  /** A sentence for each field that was dropped. */
  dropped: string[];
}

/**
 * A VSchema from protojson: field names in camelCase or snake_case, enums by name or number, null for
 * absent. Texts that are no VSchema are UsageErrors worded as protobuf-go words them, with line and column:
 * "proto: (line 3:7): unknown field "colum" at tables.t.colum". Vitess v18 and later drop unknown fields
 * silently (go/json2/unmarshal.go); here that takes `allowUnknown`.
 */
export function readVSchemaJson(text: string, options: ReadOptions): ReadVSchema {
  const reader = new Reader(text, options);
  return { vschema: reader.document(), dropped: reader.dropped };
}

class Reader {
  readonly dropped: string[] = [];

  constructor(
    private readonly text: string,
    private readonly options: ReadOptions,
    private readonly unknownFieldHint = "With -allow_unknown such fields are dropped.",
  ) {}

  tables(): Record<string, Table> {
    const field = messages.Keyspace.find(({ name }) => name === "tables") as Field;
    return this.field(this.parse(), field, "") as Record<string, Table>;
  }

  document(): Keyspace {
    return this.message(this.parse(), "Keyspace", "") as Keyspace;
  }

  private parse(): JsonNode {
    try {
      return parseJsonText(this.text);
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      throw this.refuse(`proto: syntax error (line ${positionOf(this.text, error.at)}): ${error.message}`, error);
    }
  }

  private message(node: JsonNode, name: VSchemaMessage, path: string): Record<string, unknown> {
    if (node.kind !== "object") throw this.unexpected(node, path);
    const fields = messages[name];
    const result: Record<string, unknown> = {};
    const seen = new Set<string>();
    for (const member of node.members) {
      const at = join(path, member.key);
      const field = fields.find(
        (candidate) => member.key === candidate.name || member.key === jsonName(candidate.name),
      );
      if (field === undefined) {
        this.unknown(member, fields, at);
        continue;
      }
      if (seen.has(field.name)) throw this.at(member.at, `duplicate field ${member.raw} at ${at}`);
      seen.add(field.name);
      if (member.value.kind === "null") continue;
      result[field.name] = this.field(member.value, field, at);
    }
    return result;
  }

  private field(node: JsonNode, field: Field, path: string): unknown {
    if (field.shape === "one") return this.value(node, field, path);
    if (field.shape === "list") {
      if (node.kind !== "array") throw this.unexpected(node, path);
      return node.items.map((item, index) => this.value(item, field, `${path}[${index}]`));
    }
    if (node.kind !== "object") throw this.unexpected(node, path);
    const entries = new Map<string, unknown>();
    for (const member of node.members) {
      const at = join(path, member.key);
      if (entries.has(member.key)) throw this.at(member.at, `duplicate map key ${member.raw} at ${at}`);
      entries.set(member.key, this.value(member.value, field, at));
    }
    return Object.fromEntries(entries);
  }

  private value(node: JsonNode, field: Field, path: string): unknown {
    const { type } = field;
    if (type.kind === "message") return this.message(node, type.message, path);
    if (type.kind === "string" && node.kind === "string") return node.value;
    if (type.kind === "bool" && node.kind === "boolean") return node.value;
    if (type.kind === "int32") {
      const number = node.kind === "number" || node.kind === "string" ? Number(node.value) : Number.NaN;
      if (node.raw !== '""' && Number.isInteger(number) && number === (number | 0)) return number;
    }
    if (type.kind === "enum") {
      if (node.kind === "number" && Number.isInteger(node.value)) return node.value;
      if (node.kind === "string" && type.names.includes(String(node.value))) return node.value;
      const near = node.kind === "string" ? closest(String(node.value), type.names) : undefined;
      throw this.invalid(node, field, path, near === undefined ? undefined : `Did you mean "${near}"?`);
    }
    throw this.invalid(node, field, path);
  }

  private unknown(member: JsonMember, fields: readonly Field[], path: string): void {
    const sentence = `(line ${positionOf(this.text, member.at)}): unknown field ${member.raw} at ${path}`;
    if (this.options.allowUnknown) {
      this.dropped.push(`${sentence} is dropped`);
      return;
    }
    const near = closest(
      member.key,
      fields.map((field) => jsonName(field.name)),
    );
    const hints = [near === undefined ? "" : `Did you mean "${near}"?`, this.unknownFieldHint].filter(Boolean);
    throw this.refuse(`proto: ${sentence}`, undefined, hints.length === 0 ? undefined : hints.join(" "));
  }

  private invalid(node: JsonNode, field: Field, path: string, hint?: string): UsageError {
    const name = jsonName(field.name);
    return this.at(node.at, `invalid value for ${field.type.kind} field ${name}: ${node.raw} at ${path}`, hint);
  }

  private unexpected(node: JsonNode, path: string): UsageError {
    const where = path === "" ? "" : ` at ${path}`;
    return this.refuse(
      `proto: syntax error (line ${positionOf(this.text, node.at)}): unexpected token ${node.raw}${where}`,
    );
  }

  private at(offset: number, problem: string, hint?: string): UsageError {
    return this.refuse(`proto: (line ${positionOf(this.text, offset)}): ${problem}`, undefined, hint);
  }

  private refuse(message: string, cause?: unknown, hint?: string): UsageError {
    const { file } = this.options;
    return new UsageError(file === undefined ? message : `${file}: ${message}`, {
      cause,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}

/** "tables.t", "tables["a b"].type" */
function join(path: string, key: string): string {
  if (!/^[\w$-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
