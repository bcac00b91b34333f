import { errors } from "../errors.js";
import { asBlob, asDouble, asInt, asText } from "../translate/coerce.js";
import { computed, sharedCollation, type Typed } from "../translate/typed.js";
import { binaryType, type SqlType, textType } from "../types/sql-type.js";
import type { Moment } from "../types/temporal.js";

/** What a function may know of the session that calls it. */
export interface FunctionContext {
  database: string | undefined;
  /** The statement's time, UTC. */
  now: Moment;
  timeZone: string;
  version: string;
  connectionId: number;
  lastInsertId: bigint;
  rowCount: number;
  /** Called by functions whose result is the statement's alone: its translation is not kept. */
  markVolatile(): void;
}

export type Rule = (args: Typed[], context: FunctionContext) => Typed;

export interface FunctionDefinition {
  /** Fewest and most arguments. */
  arity: [min: number, max: number];
  rule: Rule;
}

export type Rules = Record<string, FunctionDefinition>;

export function define(min: number, max: number, rule: Rule): FunctionDefinition {
  return { arity: [min, max], rule };
}

/** Throws MysqlError 1305 or 1582. */
export function applyFunction(rules: Rules, name: string, args: Typed[], context: FunctionContext): Typed {
  const definition = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (!definition) throw errors.unknownFunction(context.database === undefined ? name : `${context.database}.${name}`);
  const [min, max] = definition.arity;
  if (args.length < min || args.length > max) throw errors.wrongParameterCount(name);
  return definition.rule(args, context);
}

export function isBinary(operand: Typed | undefined): boolean {
  const kind = operand?.type.representation;
  return kind === "blob" || kind === "bit";
}

/** Characters the operand's text has at most. */
export function characters(operand: Typed): number {
  return operand.type.collation === undefined ? operand.type.length : Math.ceil(operand.type.length / 4);
}

/** The argument at `index`; a rule's arity has made sure that it is there. */
export function arg(args: readonly Typed[], index: number): Typed {
  const found = args[index];
  if (!found) throw new RangeError(`argument ${index} is missing`);
  return found;
}

export const text = (args: readonly Typed[], index: number): string => asText(arg(args, index));
export const int = (args: readonly Typed[], index: number): string => asInt(arg(args, index));
export const double = (args: readonly Typed[], index: number): string => asDouble(arg(args, index));

/** Text in and out: over bytes when one of the arguments is binary. */
export function stringResult(
  args: readonly Typed[],
  length: number,
): { type: SqlType; of: (operand: Typed) => string } {
  if (args.some(isBinary)) return { type: binaryType(length), of: asBlob };
  return { type: textType(length, sharedCollation(args)), of: asText };
}

export function call(name: string, parts: readonly string[], type: SqlType, from: readonly Typed[]): Typed {
  return computed(`${name}(${parts.join(", ")})`, type, from);
}
