import { describe, expect, it, onTestFinished } from "vitest";
import { b, type Message, plain, type RawStream, revisionOf } from "../../support/raw-etcd.js";
import { progressMs, type Suite } from "../etcd-server.contract.js";

export function watchContract(suite: Suite): void {
  function open(): RawStream {
    const stream = suite.raw.stream("Watch", "Watch");
    onTestFinished(() => stream.cancel());
    return stream;
  }
  const create = (stream: RawStream, key: string, more: Message = {}) =>
    stream.write({ create_request: { key: b(key), ...more } });
  /** "Put a=1 Delete b" */
  const told = (response: Message) =>
    (plain(response.events) as { type: string; kv: { key: string; value: string } }[])
      .map(({ type, kv }) => `${type} ${kv.key}${type === "Put" ? `=${kv.value}` : ""}`)
      .join(" ");

  describe("Watch", () => {
    it("answers a creation first, then tells what happens from then on", async () => {
      const p = suite.prefix();
      const stream = open();
      create(stream, `${p}k`);
      const created = await stream.next();
      expect(created).toMatchObject({ created: true, canceled: false, watch_id: "0", events: [] });
      expect(revisionOf(created)).toBe(await suite.raw.revision());
      await suite.raw.put(`${p}other`, "");
      const put = await suite.raw.put(`${p}k`, "1");
      const event = await stream.next();
      expect([told(event), revisionOf(event), event.watch_id]).toEqual([`Put ${p}k=1`, revisionOf(put), "0"]);
      const deleted = await suite.raw.delete(`${p}k`);
      expect(plain((await stream.next()).events)).toEqual([
        {
          type: "Delete",
          kv: {
            key: `${p}k`,
            value: "",
            create_revision: "0",
            mod_revision: `${revisionOf(deleted)}`,
            version: "0",
            lease: "0",
          },
        },
      ]);
    });

    it("tells a transaction's events together, in the order they were written", async () => {
      const p = suite.prefix();
      await suite.raw.put(`${p}z`, "");
      const stream = open();
      create(stream, p, { range_end: b(`${p}~`) });
      await stream.next();
      await suite.raw.txn({
        success: [
          { request_put: { key: b(`${p}b`), value: b("1") } },
          { request_delete_range: { key: b(`${p}z`) } },
          { request_put: { key: b(`${p}a`), value: b("2") } },
        ],
      });
      expect(told(await stream.next())).toBe(`Put ${p}b=1 Delete ${p}z Put ${p}a=2`);
    });

    it("tells the past from the revision asked for, then the present, without gap or repetition", async () => {
      const p = suite.prefix();
      await suite.raw.put(`${p}k`, "1");
      const second = await suite.raw.put(`${p}k`, "2");
      await suite.raw.delete(`${p}k`);
      const stream = open();
      create(stream, `${p}k`, { start_revision: revisionOf(second) });
      expect(await stream.next()).toMatchObject({ created: true });
      const past = await stream.next();
      expect(told(past)).toBe(`Put ${p}k=2 Delete ${p}k`);
      expect(revisionOf(past)).toBe(await suite.raw.revision());
      await suite.raw.put(`${p}k`, "4");
      expect(told(await stream.next())).toBe(`Put ${p}k=4`);
    });

    it("waits for a revision that is still to come", async () => {
      const p = suite.prefix();
      const stream = open();
      create(stream, `${p}k`, { start_revision: (await suite.raw.revision()) + 2 });
      expect(await stream.next()).toMatchObject({ created: true });
      await suite.raw.put(`${p}k`, "1");
      await suite.raw.put(`${p}k`, "2");
      expect(told(await stream.next())).toBe(`Put ${p}k=2`);
    });

    it("hands out what was before only where asked, and nothing for a created key", async () => {
      const p = suite.prefix();
      const stream = open();
      create(stream, `${p}k`, { prev_kv: true });
      create(stream, `${p}k`);
      expect([(await stream.next()).watch_id, (await stream.next()).watch_id]).toEqual(["0", "1"]);
      await suite.raw.put(`${p}k`, "1");
      await suite.raw.put(`${p}k`, "2");
      await suite.raw.delete(`${p}k`);
      const previous: Record<string, unknown[]> = { 0: [], 1: [] };
      for (let i = 0; i < 6; i++) {
        const response = await stream.next();
        for (const { prev_kv: kv } of response.events as { prev_kv: Message | null }[]) {
          previous[`${response.watch_id}`]?.push(kv === null ? null : plain(kv.value));
        }
      }
      expect(previous).toEqual({ 0: [null, "1", "2"], 1: [null, null, null] });
    });

    it("takes a key that is deleted and put in one transaction for created", async () => {
      const p = suite.prefix();
      await suite.raw.put(p, "1");
      const stream = open();
      create(stream, p, { prev_kv: true });
      await stream.next();
      // Of all deletes that touch the key, this is the one that etcd lets through.
      const deleteRest = { request_delete_range: { key: b(p), range_end: b("\0") } };
      await suite.raw.txn({ success: [deleteRest, { request_put: { key: b(p), value: b("2") } }] });
      const [deleted, created] = (await stream.next()).events as Message[];
      expect(plain(deleted)).toMatchObject({ type: "Delete", prev_kv: { value: "1" } });
      expect(plain(created)).toMatchObject({ type: "Put", kv: { value: "2", version: "1" } });
      expect(created?.prev_kv).toBeNull();
    });

    it("leaves out puts or deletes where asked", async () => {
      const p = suite.prefix();
      const stream = open();
      create(stream, `${p}k`, { watch_id: 1, filters: ["Noput"] });
      create(stream, `${p}k`, { watch_id: 2, filters: ["Nodelete"] });
      await stream.next();
      await stream.next();
      await suite.raw.put(`${p}k`, "1");
      expect((await stream.next()).watch_id).toBe("2");
      await suite.raw.delete(`${p}k`);
      expect((await stream.next()).watch_id).toBe("1");
    });

    it("numbers watchers from 0, takes ids that are given, and refuses one twice", async () => {
      const p = suite.prefix();
      const stream = open();
      const ids: unknown[] = [];
      for (const watch_id of [0, 1, 0, 9, 0]) {
        create(stream, p, { watch_id });
        ids.push((await stream.next()).watch_id);
      }
      expect(ids).toEqual(["0", "1", "2", "9", "3"]);
      create(stream, p, { watch_id: 9 });
      expect(await stream.next()).toMatchObject({
        created: true,
        canceled: true,
        watch_id: "-1",
        cancel_reason: "mvcc: duplicate watch ID provided on the WatchStream",
      });
    });

    it("refuses a range that holds nothing", async () => {
      const stream = open();
      create(stream, "b", { range_end: b("a") });
      expect(await stream.next()).toMatchObject({
        created: true,
        canceled: true,
        watch_id: "-1",
        cancel_reason: "mvcc: watcher range is empty",
      });
    });

    it("watches everything for an empty key up to \\0, one key for an empty range_end", async () => {
      const p = suite.prefix();
      const stream = open();
      create(stream, "", { range_end: b("\0"), watch_id: 1 });
      create(stream, p, { range_end: b(""), watch_id: 2 });
      await stream.next();
      await stream.next();
      await suite.raw.put(`${p}k`, "1");
      expect([await stream.next()].map((r) => [r.watch_id, told(r)])).toEqual([["1", `Put ${p}k=1`]]);
      await suite.raw.put(p, "2");
      const both = [await stream.next(), await stream.next()].map((r) => r.watch_id);
      expect(both.sort()).toEqual(["1", "2"]);
    });

    it("cancels one watcher and keeps the others; an unknown id is passed over", async () => {
      const p = suite.prefix();
      const stream = open();
      create(stream, p);
      create(stream, p);
      await stream.next();
      await stream.next();
      stream.write({ cancel_request: { watch_id: 17 } });
      stream.write({ cancel_request: { watch_id: 0 } });
      expect(await stream.next()).toMatchObject({ watch_id: "0", canceled: true, created: false, cancel_reason: "" });
      await suite.raw.put(p, "1");
      expect(await stream.next()).toMatchObject({ watch_id: "1" });
      stream.write({ cancel_request: { watch_id: 1 } });
      expect(await stream.next()).toMatchObject({ watch_id: "1", canceled: true });
      // Ids that were handed out don't come back.
      create(stream, p);
      expect(await stream.next()).toMatchObject({ watch_id: "2", created: true });
    });

    it("cancels a watcher that asks for what was compacted, and says from where on there is something", async () => {
      const p = suite.prefix();
      const first = revisionOf(await suite.raw.put(`${p}k`, "1"));
      const compacted = revisionOf(await suite.raw.put(`${p}k`, "2"));
      await suite.raw.put(`${p}k`, "3");
      await suite.raw.call("KV", "Compact", { revision: compacted, physical: true });
      const stream = open();
      create(stream, `${p}k`, { start_revision: first });
      expect(await stream.next()).toMatchObject({ created: true, canceled: false, watch_id: "0" });
      const canceled = await stream.next();
      expect(canceled).toMatchObject({ canceled: true, compact_revision: `${compacted}`, watch_id: "0", events: [] });
      expect(revisionOf(canceled)).toBe(0);

      create(stream, `${p}k`, { start_revision: compacted, prev_kv: true });
      expect(await stream.next()).toMatchObject({ created: true, watch_id: "1" });
      const response = await stream.next();
      expect(told(response)).toBe(`Put ${p}k=2 Put ${p}k=3`);
      // What was before the compacted revision is gone.
      expect((response.events as Message[]).map(({ prev_kv: kv }) => plain(kv && (kv as Message).value))).toEqual([
        null,
        "2",
      ]);
    });

    it("says how far it is: on request for the whole stream, now and then to quiet watchers that asked for it", async () => {
      const p = suite.prefix();
      const stream = open();
      create(stream, p, { progress_notify: true });
      await stream.next();
      await suite.raw.put("elsewhere", "");
      const revision = await suite.raw.revision();
      stream.write({ progress_request: {} });
      const requested = await stream.next();
      expect(requested).toMatchObject({ watch_id: "-1", canceled: false, events: [] });
      expect(revisionOf(requested)).toBe(revision);
      const periodic = await stream.next(3 * progressMs);
      expect(periodic).toMatchObject({ watch_id: "0", created: false, canceled: false, events: [] });
      expect(revisionOf(periodic)).toBe(revision);
    });

    it("keeps telling a client that only stopped sending", async () => {
      const p = suite.prefix();
      const stream = open();
      create(stream, p);
      await stream.next();
      stream.halfClose();
      await new Promise((resolve) => setTimeout(resolve, 50));
      await suite.raw.put(p, "1");
      expect(told(await stream.next())).toBe(`Put ${p}=1`);
    });

    it("tells a thousand revisions of the past in order", async () => {
      const p = suite.prefix();
      const start = (await suite.raw.revision()) + 1;
      for (let i = 0; i < 1200; i += 100) {
        await Promise.all(Array.from({ length: 100 }, (_, j) => suite.raw.put(`${p}${i + j}`, "")));
      }
      const stream = open();
      create(stream, p, { range_end: b(`${p}~`), start_revision: start });
      await stream.next();
      const revisions: number[] = [];
      let responses = 0;
      while (revisions.length < 1200) {
        const { events } = await stream.next();
        responses++;
        revisions.push(...(events as { kv: Message }[]).map(({ kv }) => Number(kv.mod_revision)));
      }
      expect(revisions).toEqual(Array.from({ length: 1200 }, (_, i) => start + i));
      expect(responses).toBe(2);
    });
  });
}
