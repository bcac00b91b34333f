import { expect, test } from "vitest";
import { StillRunningError, VtmigrateError } from "../../../src/errors.js";
import { parsePosition, positionContains } from "../../../src/wire/position.js";
import type { Place } from "./place.js";

/** Where a tablet's MySQL is, and waiting for it to get somewhere. */
export function positionsContract(place: () => Place): void {
  const filled = async () => {
    const name = place().name("moved");
    await place().create("source", `create table ${name} (id int primary key)`);
    return name;
  };

  test("a position says its flavor and moves with each write", async () => {
    const name = await filled();
    const { source } = place();
    const before = await source.primaryPosition();
    expect(parsePosition(before).flavor).toBe(place().isMariaDb ? "MariaDB" : "MySQL56");
    await place().sql("source", `insert into ${name} values (1)`);
    const after = await source.primaryPosition();
    expect(positionContains(after, before)).toBe(true);
    expect(positionContains(before, after)).toBe(false);
  });

  test("a position that was reached is not waited for", async () => {
    const { source } = place();
    await source.waitForPosition(await source.primaryPosition(), { timeoutMs: 20_000 });
  });

  test("a replica is waited for until it has what the primary wrote", async () => {
    const name = await filled();
    const { source, replica } = place();
    await place().sql("source", `insert into ${name} values (1)`);
    await replica.waitForPosition(await source.primaryPosition(), { timeoutMs: 20_000 });
    expect((await replica.executeFetchAsApp(`select id from vt_commerce.${name}`)).rows).toHaveLength(1);
  });

  test("one that isn't reached in time is told as such", async () => {
    const { source } = place();
    const waiting = source.waitForPosition(beyond(await source.primaryPosition()), { timeoutMs: 700 });
    await expect(waiting).rejects.toThrow(StillRunningError);
    await expect(waiting).rejects.toThrow(`tablet ${source.record.alias} has not reached the position within 0.7 s`);
  });

  test("what is no position is refused at once", async () => {
    const { source } = place();
    const started = Date.now();
    for (const text of ["nonsense", "MySQL56/nonsense"]) {
      const waiting = source.waitForPosition(text, { timeoutMs: 20_000 });
      await expect(waiting).rejects.toThrow(VtmigrateError);
      await expect(waiting).rejects.not.toThrow(StillRunningError);
    }
    expect(Date.now() - started).toBeLessThan(10_000);
  });
}

/** A thousand transactions later. */
export function beyond(position: string): string {
  const last = /(\d+)$/.exec(position);
  if (last === null) throw new Error(`a position that ends in no number: ${position}`);
  return `${position.slice(0, last.index)}${Number(last[1]) + 1000}`;
}
