import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startEtcd } from "../../src/sandbox/etcd/server.js";
import { type Message, plain, RawEtcd } from "../support/raw-etcd.js";
import { realEtcdReason, startRealEtcd } from "../support/real-etcd.js";

/**
 * The same random requests, one after the other, to the sandbox's etcd and to a real one: every answer, every
 * error and, in the end, every event must be the same. Both begin at revision 1, so even revisions are.
 */
const reason = realEtcdReason();
const keys = ["a", "a\0", "aa", "ab", "b", "b/1", "b/2", "\xff", "\0"];
const leases = ["0", "101", "102", "103"];

const key = fc.constantFrom(...keys).map((text) => Buffer.from(text, "latin1"));
/** Absent and empty are different things to etcd. */
const rangeEnd = fc
  .constantFrom(undefined, undefined, undefined, "", "\0", "b", "c", "a", "b0")
  .map((text) => (text === undefined ? undefined : Buffer.from(text, "latin1")));
const value = fc.constantFrom("", "1", "22", "\xfe\x00").map((text) => Buffer.from(text, "latin1"));
const lease = fc.constantFrom("0", "0", ...leases);
/** Mostly none; else in the past, the present or the future, as the history grows. */
const revision = fc.oneof(
  { weight: 6, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: -1, max: 400 }) },
);

const range = fc.record({
  key,
  range_end: rangeEnd,
  limit: fc.constantFrom(0, 0, 1, 2, -1),
  revision,
  sort_order: fc.constantFrom("None", "Ascend", "Descend"),
  sort_target: fc.constantFrom("Key", "Version", "Create", "Mod", "Value"),
  keys_only: fc.boolean(),
  count_only: fc.boolean(),
  min_mod_revision: revision,
  max_mod_revision: revision,
  min_create_revision: revision,
  max_create_revision: revision,
});
const put = fc.record({
  key,
  value,
  lease,
  prev_kv: fc.boolean(),
  ignore_value: fc.constantFrom(false, false, false, true),
  ignore_lease: fc.constantFrom(false, false, false, true),
});
const deleteRange = fc.record({ key, range_end: rangeEnd, prev_kv: fc.boolean() });
const number = fc.integer({ min: 0, max: 20 });
const compare = fc.record({
  result: fc.constantFrom("Equal", "Greater", "Less", "NotEqual"),
  key,
  range_end: rangeEnd,
  expected: fc.oneof(
    number.map((version) => ({ target: "Version", version })),
    number.map((create_revision) => ({ target: "Create", create_revision })),
    number.map((mod_revision) => ({ target: "Mod", mod_revision })),
    value.map((text) => ({ target: "Value", value: text })),
    lease.map((id) => ({ target: "Lease", lease: id })),
    // A value that isn't the target's counts as none.
    number.map((version) => ({ target: "Mod", version })),
  ),
});

/**
 * etcd overlooks that a delete of everything after a key and a put of a deleted key collide. When that put has
 * ignore_lease or ignore_value, etcd 3.4 panics: nothing to compare with.
 */
const endsSafely = ({ range_end: end }: { range_end: Buffer | undefined }) => end?.[0] !== 0;

const { txn } = fc.letrec<{ txn: Message; op: Message }>((tie) => ({
  txn: fc.record({
    compare: fc.array(
      compare.map(({ expected, ...rest }) => ({ ...rest, ...expected })),
      { maxLength: 2 },
    ),
    success: fc.array(tie("op"), { maxLength: 3 }),
    failure: fc.array(tie("op"), { maxLength: 3 }),
  }),
  op: fc.oneof(
    { depthSize: "small" },
    put.map((request) => ({ request_put: request })),
    range.map((request) => ({ request_range: request })),
    deleteRange.filter(endsSafely).map((request) => ({ request_delete_range: request })),
    tie("txn").map((request) => ({ request_txn: request })),
    fc.constant({}),
  ),
}));

type Step = readonly ["KV" | "Lease", string, Message];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: put.map((request): Step => ["KV", "Put", request]) },
  { weight: 6, arbitrary: range.map((request): Step => ["KV", "Range", request]) },
  { weight: 2, arbitrary: deleteRange.map((request): Step => ["KV", "DeleteRange", request]) },
  { weight: 6, arbitrary: txn.map((request): Step => ["KV", "Txn", request]) },
  { weight: 1, arbitrary: revision.map((at): Step => ["KV", "Compact", { revision: at }]) },
  { weight: 2, arbitrary: fc.constantFrom(...leases).map((ID): Step => ["Lease", "LeaseGrant", { ID, TTL: 600 }]) },
  { weight: 1, arbitrary: fc.constantFrom(...leases).map((ID): Step => ["Lease", "LeaseRevoke", { ID }]) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(...leases).map((ID): Step => ["Lease", "LeaseTimeToLive", { ID, keys: true }]),
  },
);

async function answer(client: RawEtcd, [service, method, request]: Step): Promise<string> {
  try {
    return JSON.stringify(await client.call(service, method, request), comparable, 1);
  } catch (error) {
    const { code, details } = error as { code: number; details: string };
    return `${code} ${details}`;
  }
}

/** Leaves out what two servers can't have in common. */
function comparable(name: string, field: unknown): unknown {
  switch (name) {
    case "cluster_id":
    case "member_id":
      // Nested answers have none; that much must be the same.
      return field === "0" ? "none" : "some";
    case "TTL":
      return Number(field) > 0 ? "running" : field;
    case "keys":
      return Array.isArray(field) ? field.map((key) => JSON.stringify(key)).sort() : field;
    case "ID":
      return leases.includes(String(field)) ? field : "chosen";
    default:
      return field;
  }
}

describe.skipIf(reason !== undefined)(
  `the sandbox's etcd and a real one${reason ? ` (skipped: ${reason})` : ""}`,
  () => {
    it("give the same answers to random requests, and tell watchers the same events", async () => {
      const seed = Number(process.env.ETCD_DIFFERENTIAL_SEED ?? 1);
      const steps = fc.sample(step, { seed, numRuns: Number(process.env.ETCD_DIFFERENTIAL_STEPS ?? 1500) });
      const servers = await Promise.all([startEtcd(), startRealEtcd()]);
      const [sandbox, real] = servers.map((server) => new RawEtcd(server.endpoint)) as [RawEtcd, RawEtcd];
      try {
        for (const [number, one] of steps.entries()) {
          const [ours, theirs] = await Promise.all([answer(sandbox, one), answer(real, one)]);
          expect(ours, `step ${number} of seed ${seed}: ${JSON.stringify(plain(one))}`).toBe(theirs);
        }
        const from = await firstRevision(sandbox);
        expect(await firstRevision(real)).toBe(from);
        expect(await history(sandbox, from), `seed ${seed}`).toEqual(await history(real, from));
      } finally {
        sandbox.close();
        real.close();
        await Promise.all(servers.map((server) => server.close()));
      }
    }, 120_000);
  },
);

/** One after the compacted revision; the sandbox and a real etcd differ in what a watcher gets of that one itself. */
async function firstRevision(client: RawEtcd): Promise<number> {
  const watch = client.stream("Watch", "Watch");
  watch.write({ create_request: { key: Buffer.from("\0"), range_end: Buffer.from("\0"), start_revision: 1 } });
  await watch.next();
  await client.put("end", "");
  const { compact_revision: compacted } = await watch.next();
  watch.cancel();
  return Math.max(2, Number(compacted) + 1);
}

async function history(client: RawEtcd, from: number): Promise<string[]> {
  const watch = client.stream("Watch", "Watch");
  watch.write({
    create_request: { key: Buffer.from("\0"), range_end: Buffer.from("\0"), start_revision: from, prev_kv: true },
  });
  await client.put("end", "end");
  const events: string[] = [];
  while (!events.at(-1)?.includes('"value":"end"')) {
    const response = await watch.next();
    events.push(...((response.events ?? []) as Message[]).map((event) => JSON.stringify(plain(event))));
  }
  watch.cancel();
  return events;
}
