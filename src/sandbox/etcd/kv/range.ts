import { type KeyValue, type RangeRequest, type RangeResponse, SortOrder, SortTarget } from "../messages.js";
import { interval } from "../mvcc/interval.js";
import type { ReadView } from "../mvcc/store.js";

const noBytes = Buffer.alloc(0);

/**
 * A range request's answer (server/etcdserver/apply.go, Range, v3.5). `count` counts the whole range,
 * before limit and revision filters; `more` says that the limit cut something off. The header holds
 * the revision only. Errors: futureRevision, compacted.
 */
export function applyRange(view: ReadView, request: RangeRequest): RangeResponse {
  const all = view.range(interval(request.key, request.range_end), Number(request.revision));
  const response: RangeResponse = { header: { revision: view.revision }, kvs: [], more: false, count: all.length };
  if (request.count_only) {
    return response;
  }
  const limit = Number(request.limit);
  const kvs = sorted(readFor(request, all, limit), request);
  response.more = limit > 0 && kvs.length > limit;
  response.kvs = (response.more ? kvs.slice(0, limit) : kvs).map((kv) =>
    request.keys_only ? { ...kv, value: noBytes } : kv,
  );
  return response;
}

/**
 * etcd reads no more than one key beyond the limit, unless it has to sort or filter. It forgets that a
 * sort_target without a sort_order sorts as well: then the first keys are sorted, and not all of them.
 */
function readFor(request: RangeRequest, all: KeyValue[], limit: number): KeyValue[] {
  const filters = [
    request.min_mod_revision,
    request.max_mod_revision,
    request.min_create_revision,
    request.max_create_revision,
  ];
  const readsAll = limit <= 0 || request.sort_order !== SortOrder.none || filters.some((revision) => revision !== "0");
  return readsAll ? all.filter(revisionFilter(request)) : all.slice(0, limit + 1);
}

function revisionFilter(request: RangeRequest): (kv: KeyValue) => boolean {
  const minMod = Number(request.min_mod_revision);
  const maxMod = Number(request.max_mod_revision);
  const minCreate = Number(request.min_create_revision);
  const maxCreate = Number(request.max_create_revision);
  return (kv) =>
    (minMod === 0 || kv.mod_revision >= minMod) &&
    (maxMod === 0 || kv.mod_revision <= maxMod) &&
    (minCreate === 0 || kv.create_revision >= minCreate) &&
    (maxCreate === 0 || kv.create_revision <= maxCreate);
}

/** By key ascending unless something else is asked for; a target other than the key sorts ascending by default. */
function sorted(kvs: KeyValue[], { sort_order: order, sort_target: target }: RangeRequest): KeyValue[] {
  const comparator = comparators.get(target);
  if (comparator === undefined || (order === SortOrder.none && target === SortTarget.key)) {
    return kvs;
  }
  return kvs.sort(order === SortOrder.descend ? (a, b) => comparator(b, a) : comparator);
}

const comparators = new Map<number, (a: KeyValue, b: KeyValue) => number>([
  [SortTarget.key, (a, b) => Buffer.compare(a.key, b.key)],
  [SortTarget.version, (a, b) => a.version - b.version],
  [SortTarget.create, (a, b) => a.create_revision - b.create_revision],
  [SortTarget.mod, (a, b) => a.mod_revision - b.mod_revision],
  [SortTarget.value, (a, b) => Buffer.compare(a.value, b.value)],
]);
