import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Lessor } from "../../../src/sandbox/etcd/lease/lessor.js";
import { Store } from "../../../src/sandbox/etcd/mvcc/store.js";

describe("leases, over time", () => {
  let store: Store;
  let lessor: Lessor;
  const put = (key: string, lease: string) => store.write((txn) => txn.put(Buffer.from(key), Buffer.from(""), lease));

  beforeEach(() => {
    vi.useFakeTimers();
    store = new Store();
    lessor = new Lessor(store);
  });
  afterEach(() => {
    lessor.close();
    vi.useRealTimers();
  });

  it("expire each at its own time, the later one not before", () => {
    lessor.grant("1", 10);
    lessor.grant("2", 5);
    put("long", "1");
    put("short", "2");
    vi.advanceTimersByTime(5001);
    expect([store.get("short"), store.get("long")?.version]).toEqual([undefined, 1]);
    expect(lessor.list()).toEqual(["1"]);
    vi.advanceTimersByTime(5000);
    expect([store.get("long"), lessor.list()]).toEqual([undefined, []]);
  });

  it("begin anew when they are renewed", () => {
    lessor.grant("1", 10);
    put("k", "1");
    vi.advanceTimersByTime(9000);
    expect(lessor.renew("1")).toBe(10);
    vi.advanceTimersByTime(9000);
    expect(lessor.timeToLive("1")).toMatchObject({ ttl: 1, grantedTtl: 10 });
    vi.advanceTimersByTime(1001);
    expect(store.get("k")).toBeUndefined();
  });

  it("live longer than a timer can wait", () => {
    const days = 24 * 60 * 60;
    lessor.grant("1", 40 * days);
    put("k", "1");
    vi.advanceTimersByTime(39 * days * 1000);
    expect(store.get("k")?.version).toBe(1);
    vi.advanceTimersByTime(days * 1000 + 1);
    expect(store.get("k")).toBeUndefined();
  });

  it("can't be renewed once their time is up, even if the timer is late", () => {
    lessor.grant("1", 10);
    put("k", "1");
    vi.setSystemTime(Date.now());
    const now = performance.now();
    vi.spyOn(performance, "now").mockReturnValue(now + 10_001);
    expect(() => lessor.renew("1")).toThrow("etcdserver: requested lease not found");
    expect(store.get("k")).toBeUndefined();
    vi.mocked(performance.now).mockRestore();
  });

  it("delete nothing that another lease took over", () => {
    lessor.grant("1", 10);
    lessor.grant("2", 100);
    put("k", "1");
    put("k", "2");
    vi.advanceTimersByTime(10_001);
    expect(store.get("k")?.lease).toBe("2");
  });
});
