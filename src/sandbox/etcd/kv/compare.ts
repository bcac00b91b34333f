import { type Compare, CompareResult, CompareTarget, type KeyValue } from "../messages.js";
import { interval } from "../mvcc/interval.js";
import type { ReadView } from "../mvcc/store.js";

const absent: Omit<KeyValue, "key" | "value"> = { create_revision: 0, mod_revision: 0, version: 0, lease: "0" };

/**
 * Whether a transaction's comparison holds for every key of its range (etcdserver/apply.go,
 * applyCompare, v3.5). A key that doesn't exist has revisions, version and lease 0, and no value: any
 * comparison of its value fails, "not equal" as well.
 */
export function compareHolds(view: ReadView, compare: Compare): boolean {
  const kvs = view.range(interval(compare.key, compare.range_end));
  if (compare.target === CompareTarget.value) {
    const expected = compare.value ?? Buffer.alloc(0);
    return kvs.length > 0 && kvs.every((kv) => matches(compare, Buffer.compare(kv.value, expected)));
  }
  const found = kvs.length > 0 ? kvs : [absent];
  return found.every((kv) => matches(compare, compareNumbers(kv, compare)));
}

function compareNumbers(kv: Omit<KeyValue, "key" | "value">, compare: Compare): number {
  switch (compare.target) {
    case CompareTarget.version:
      return order(BigInt(kv.version), compare.version);
    case CompareTarget.create:
      return order(BigInt(kv.create_revision), compare.create_revision);
    case CompareTarget.mod:
      return order(BigInt(kv.mod_revision), compare.mod_revision);
    case CompareTarget.lease:
      return order(BigInt(kv.lease), compare.lease);
    default:
      return 0;
  }
}

function order(actual: bigint, expected = "0"): number {
  const wanted = BigInt(expected);
  return actual === wanted ? 0 : actual < wanted ? -1 : 1;
}

function matches(compare: Compare, order: number): boolean {
  switch (compare.result) {
    case CompareResult.equal:
      return order === 0;
    case CompareResult.notEqual:
      return order !== 0;
    case CompareResult.greater:
      return order > 0;
    case CompareResult.less:
      return order < 0;
    default:
      return true;
  }
}
