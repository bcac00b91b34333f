/**
 * The part of binlogdata.BinlogSource that Migrate writes, and its prototext form as it is stored in
 * `_vt.vreplication.source`.
 */
import { type ProtoText, parseProtoText, quoteProtoText } from "./prototext.js";

export interface BinlogSource {
  keyspace: string;
  shard: string;
  filter: { rules: FilterRule[] };
  onDdl: OnDdl;
  stopAfterCopy: boolean;
  /** The mount's name; "" for a source in the same cluster. */
  externalCluster: string;
  /** Unknown to v11 tablets: leave it "" for them. */
  sourceTimeZone: string;
  targetTimeZone: string;
}

export interface FilterRule {
  /** A table's name, or /regexp/. */
  match: string;
  /** The SELECT that makes the rows; "" means all. */
  filter: string;
}

export const onDdlNames = ["IGNORE", "STOP", "EXEC", "EXEC_IGNORE"] as const;
export type OnDdl = (typeof onDdlNames)[number];

/**
 * One line of prototext, as Go's prototext.Marshal prints it: fields in number order, zero values left
 * out, one space between fields (Go prints one or two, by a hash of the binary; parsers take both).
 */
export function formatBinlogSource(source: BinlogSource): string {
  const rules = source.filter.rules.map((rule) => `rules:{${fields(["match", rule.match], ["filter", rule.filter])}}`);
  return [
    fields(["keyspace", source.keyspace], ["shard", source.shard]),
    `filter:{${rules.join(" ")}}`,
    source.onDdl === "IGNORE" ? "" : `on_ddl:${source.onDdl}`,
    source.stopAfterCopy ? "stop_after_copy:true" : "",
    fields(
      ["external_cluster", source.externalCluster],
      ["source_time_zone", source.sourceTimeZone],
      ["target_time_zone", source.targetTimeZone],
    ),
  ]
    .filter((part) => part !== "")
    .join(" ");
}

function fields(...pairs: [name: string, value: string][]): string {
  return pairs
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${name}:${quoteProtoText(value)}`)
    .join(" ");
}

/**
 * A stored source with another `on_ddl`, and everything else in it as it stands, fields that we don't model among them.
 * Only the outermost message has such a field; strings are passed over.
 */
export function withOnDdl(source: string, onDdl: OnDdl): string {
  const rest = source.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\s*\bon_ddl\s*:\s*\w+/g, (part) =>
    /^["']/.test(part) ? part : "",
  );
  return onDdl === "IGNORE" ? rest.trimStart() : `${rest} on_ddl:${onDdl}`.trimStart();
}

/** Parses what any Vitess from v11 on stored. Throws SyntaxError with the offset. Fields we don't model are skipped. */
export function parseBinlogSource(text: string): BinlogSource {
  const message = parseProtoText(text);
  const filter = message.messages("filter").at(-1);
  return {
    keyspace: message.text("keyspace"),
    shard: message.text("shard"),
    filter: { rules: filter?.messages("rules").map(parseRule) ?? [] },
    onDdl: parseOnDdl(message.word("on_ddl")),
    stopAfterCopy: ["true", "True", "t", "1"].includes(message.word("stop_after_copy")),
    externalCluster: message.text("external_cluster"),
    sourceTimeZone: message.text("source_time_zone"),
    targetTimeZone: message.text("target_time_zone"),
  };
}

function parseRule(rule: ProtoText): FilterRule {
  return { match: rule.text("match"), filter: rule.text("filter") };
}

function parseOnDdl(word: string): OnDdl {
  if (word === "") return "IGNORE";
  const name = /^\d+$/.test(word) ? onDdlNames[Number(word)] : onDdlNames.find((known) => known === word);
  if (name === undefined) throw new SyntaxError(`on_ddl has the unknown value ${word}`);
  return name;
}
