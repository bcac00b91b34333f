/** Tablets that end in the middle of a copy: nothing is lost, and what is going on can be seen. */
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { RunningTablet } from "./harness/tablets.js";
import { describeVitess } from "./lab.js";
import { until } from "./until.js";

const ROWS = 400_000;

describeVitess("servers that end in the middle of a copy", (lab) => {
  beforeAll(async () => {
    await lab.clear();
    await lab.ddl("source", "commerce", ["create table customer (customer_id bigint primary key, email varchar(200))"]);
    const email = "concat('somebody', seq, '@', repeat('x', 80))";
    await lab.sql(
      lab.primary("source", "commerce"),
      "create temporary table digit (d int)",
      "insert into digit values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)",
      `insert into customer select seq, ${email} from (
         select 1 + a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d + 100000 * f.d as seq
         from digit a, (select * from digit) b, (select * from digit) c, (select * from digit) d,
           (select * from digit) e, (select * from digit where d < ${ROWS / 100_000}) f) numbers`,
    );
  }, 300_000);
  beforeEach(async () => {
    await lab.clearTarget();
    await lab.mount();
  });
  afterAll(async () => {
    await lab.clear();
  });

  async function count(tablet: RunningTablet): Promise<number> {
    const [row] = await lab.sql(tablet, "select count(*) as n from customer");
    return Number(row?.n);
  }

  /** Creates and starts the workflow; resolves when a part of the rows has come, and the others are still to come. */
  async function copying(target: RunningTablet, tabletTypes = "in_order:REPLICA,PRIMARY"): Promise<void> {
    const options = `-all -auto_start=false -tablet_types ${tabletTypes} -source ext1.commerce`;
    await lab.must(`Migrate ${options} Create commerce.wf`);
    const starting = lab.must("Workflow commerce.wf start");
    // Later releases write a new row for each packet, beside the first, which has no key.
    const packets = "select * from _vt.copy_state where lastpk <> ''";
    await until("the copy is under way", async () => (await lab.sql(target, packets)).length > 0);
    await starting;
    expect(await count(target)).toBeLessThan(ROWS);
  }

  async function allCopied(target: RunningTablet): Promise<void> {
    await lab.following("commerce");
    expect(await count(target)).toBe(ROWS);
    const diff = await lab.type("VDiff commerce.wf");
    expect(diff, diff.stdout + diff.stderr).toMatchObject({ code: 0 });
  }

  it.each(["SIGTERM", "SIGKILL"] as const)("the target's primary is restarted (%s)", async (signal) => {
    const target = lab.primary("target", "commerce");
    await copying(target);
    await lab.stop(target, signal);
    const show = await lab.type("Workflow commerce.wf Show");
    expect(show.code).toBe(5);
    expect(show.stderr).toContain(target.alias);
    await lab.start(target);
    await allCopied(target);
  });

  it("the source's tablet ends, and comes back", async () => {
    const [source, target] = [lab.primary("source", "commerce"), lab.primary("target", "commerce")];
    await copying(target, "PRIMARY");
    await lab.stop(source, "SIGKILL");
    const message = await until("the stream says what is wrong", async () => {
      const [stream] = await lab.streams("commerce");
      return stream?.message || undefined;
    });
    const show = await lab.must("Workflow commerce.wf Show");
    expect(show.stdout).toContain(message.slice(0, 30).replaceAll('"', '\\"'));
    const diff = await lab.type("VDiff commerce.wf");
    expect(diff.code, diff.stderr).not.toBe(0);
    await lab.start(source);
    await allCopied(target);
  });

  it("the source's replica ends, and the primary takes over", async () => {
    const [replica, target] = [lab.tablet("source", 101), lab.primary("target", "commerce")];
    await copying(target);
    await lab.stop(replica, "SIGKILL");
    await allCopied(target);
    await lab.start(replica);
  });
});
