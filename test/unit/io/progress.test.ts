/** What the terminal shows while something goes on, and what a log gets instead. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ProgressRow } from "../../../src/io/io.js";
import { terminalIo } from "../../../src/io/terminal.js";
import { captureIo, FakeStream, screen } from "../../support/fake-streams.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Rows that grow, one picture every 100 ms. */
function grow(
  progress: { update(rows: ProgressRow[]): void },
  seconds: number,
  rows: (second: number) => ProgressRow[],
) {
  for (let tenth = 1; tenth <= seconds * 10; tenth++) {
    vi.advanceTimersByTime(100);
    progress.update(rows(tenth / 10));
  }
}

describe("on a terminal", () => {
  function terminal(columns?: number, rows?: number) {
    const stderr = new FakeStream(true, columns, rows);
    return { io: terminalIo(new FakeStream(true, columns, rows), stderr), stderr };
  }

  it("redraws rows in place, not more often than every 100 ms, and keeps the last picture", () => {
    const { io, stderr } = terminal();
    const progress = io.progress();
    progress.update([{ label: "customer", done: 0, total: 10, state: "copying" }]);
    for (let done = 1; done <= 10; done++) {
      progress.update([{ label: "customer", done, total: 10, state: done === 10 ? "copied" : "copying" }]);
    }
    expect(stderr.text.split("customer")).toHaveLength(2);
    vi.advanceTimersByTime(100);
    expect(stderr.text.split("customer")).toHaveLength(3);
    progress.done();
    expect(screen(stderr.text)).toEqual(["customer  100%  [##########]  10  copied"]);
  });

  it("shows pace and time left of each row and of all, and at the end how fast it was", () => {
    const { io, stderr } = terminal(100);
    const progress = io.progress();
    grow(progress, 5, (second) => [
      { label: "corder", done: second * 1000, bytes: second * 2e6, total: 20_000, estimated: true, state: "comparing" },
      { label: "notes", done: 0, total: 10_000, estimated: true, state: "waiting" },
    ]);
    expect(screen(stderr.text)).toEqual([
      "corder   25%  [##        ]   5,000 of ~20,000  1.0k rows/s  2.0 MB/s  15 s left     comparing",
      "notes     0%  [          ]       0 of ~10,000                         waiting",
      "total    16%  [#         ]   5,000 of ~30,000  1.0k rows/s  2.0 MB/s  25 s left     0 of 2 done",
    ]);
    const rows: ProgressRow[] = [
      { label: "corder", done: 10_000, bytes: 20e6, total: 20_000, estimated: true, state: "equal", finished: true },
      { label: "notes", done: 10_000, bytes: 5e6, total: 10_000, estimated: true, state: "differs", finished: true },
    ];
    vi.advanceTimersByTime(5000);
    progress.update(rows);
    progress.done();
    expect(screen(stderr.text)).toEqual([
      "corder  100%  [##########]  10,000  1.0k rows/s  2.0 MB/s  equal",
      "notes   100%  [##########]  10,000                         differs",
      "total   100%  [##########]  20,000  2.0k rows/s  2.5 MB/s  2 of 2 done",
    ]);
  });

  it("doesn't know the time left when it can't: no total, a rough one, one that is passed, a pace that changes", () => {
    const { io, stderr } = terminal(110);
    const progress = io.progress();
    grow(progress, 8, (second) => [
      { label: "a", done: second * 100, state: "copying" },
      { label: "b", done: second * 100, total: 10_000, estimated: true, rough: true },
      { label: "c", done: second * 100, total: 750, estimated: true, finished: false },
      { label: "c2", done: second * 100, total: 850, estimated: true },
      { label: "d", done: second * second * second * 100, total: 1e6, estimated: true },
      { label: "e", done: second * 100, total: 1e6, estimated: false },
    ]);
    const shown = screen(stderr.text);
    expect(shown.map((line) => /left unknown|[0-9]+ \S+ left/.exec(line)?.[0])).toEqual([
      "left unknown",
      "left unknown",
      "left unknown",
      "left unknown",
      "left unknown",
      "50 min left",
      "left unknown",
    ]);
    expect(shown[2]).toContain(" 99%");
  });

  it("shows that nothing comes any more, though nobody says so", () => {
    const { io, stderr } = terminal(100);
    const progress = io.progress();
    grow(progress, 5, (second) => [{ label: "a", done: second * 1000, total: 20_000 }]);
    expect(screen(stderr.text)[0]).toContain("15 s left");
    vi.advanceTimersByTime(20_000);
    expect(screen(stderr.text)[0]).toContain("0 rows/s  left unknown");
  });

  it("shows neither pace nor time left of a row that has all it needs and isn't finished", () => {
    const { io, stderr } = terminal(100);
    const progress = io.progress();
    grow(progress, 6, (second) => {
      const done = Math.min(4000, second * 1000);
      return [{ label: "a", done, total: 4000, estimated: done < 4000, state: "read", finished: false }];
    });
    expect(screen(stderr.text)[0]).toMatch(/^a {2}100% .* 4,000 of 4,000 +read$/);
  });

  it("counts bytes from the first of them", () => {
    const { io, stderr } = terminal(100);
    const progress = io.progress();
    progress.update([{ label: "a", done: 0, total: 20_000 }]);
    grow(progress, 5, (second) => [{ label: "a", done: second * 1000, bytes: second * 1e6, total: 20_000 }]);
    expect(screen(stderr.text)[0]).toContain("1.0 MB/s");
  });

  it("doesn't promise anything once it was ended in the middle", () => {
    const { io, stderr } = terminal(100);
    const progress = io.progress();
    grow(progress, 5, (second) => [{ label: "a", done: second * 1000, total: 20_000, state: "comparing" }]);
    progress.done();
    expect(screen(stderr.text)[0]).toMatch(/5,000 of 20,000 {2}1.0k rows\/s {2}comparing$/);
  });

  it.each([40, 60, 80, 132])("fits %d columns with names and numbers of any length", (columns) => {
    const { io, stderr } = terminal(columns);
    const progress = io.progress();
    grow(progress, 5, (second) => [
      {
        label: "a".repeat(64),
        done: 123_456 * second,
        bytes: 1e10 * second,
        total: 987_654_321,
        estimated: true,
        state: "checking differences",
      },
      { label: "表".repeat(30), done: 5 },
    ]);
    const lines = screen(stderr.text);
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const width = [...line].reduce((sum, char) => sum + (char === "表" ? 2 : 1), 0);
      expect(width).toBeLessThan(columns);
    }
    expect(lines[0]).toMatch(
      columns >= 80 ? /617,280 of ~988M {2}123k rows\/s {2,3}10 GB\/s {2}2 h 10 min left/ : / left$/,
    );
  });

  it("keeps its columns where they are", () => {
    const { io, stderr } = terminal(90);
    const progress = io.progress();
    const places = new Set<number>();
    for (let second = 1; second <= 60; second++) {
      vi.advanceTimersByTime(1000);
      progress.update([
        {
          label: "a",
          done: 20_000 * second + (second % 7) * 3000,
          total: 1e7,
          bytes: second * 1e6,
          state: "comparing",
        },
      ]);
      if (second > 10) places.add(screen(stderr.text)[0]?.indexOf("rows/s") ?? -1);
    }
    expect(places.size).toBe(1);
  });

  it("shows the unfinished rows when not all fit, and how many are left out", () => {
    const { io, stderr } = terminal(80, 6);
    const progress = io.progress();
    progress.update(Array.from({ length: 10 }, (_, i) => ({ label: `t${i}`, done: i < 8 ? 10 : 1, total: 10 })));
    progress.done();
    const lines = screen(stderr.text).map((line) => line.replace(/ .*/, ""));
    expect(lines).toEqual(["t0", "t8", "t9", "...", "total"]);
    expect(screen(stderr.text)[3]).toBe("... and 7 more");
  });

  it("is lifted out of the way of notes", () => {
    const { io, stderr } = terminal();
    const progress = io.progress();
    progress.update([{ label: "t", done: 1, total: 2 }]);
    io.note("something happened");
    progress.done();
    expect(screen(stderr.text)).toEqual(["something happened", "t  50%  [#####     ]  1 of 2"]);
  });
});

describe("elsewhere", () => {
  it("is a plain line every five seconds, and the last state at the end", () => {
    const { io, stderr } = captureIo();
    const progress = io.progress();
    const rows = (done: number): ProgressRow[] => [
      { label: "a", done: 10, total: 10 },
      {
        label: "b",
        done,
        total: 1000,
        estimated: true,
        finished: done === 1010,
        state: done === 1010 ? "copied" : "copying",
      },
    ];
    progress.update(rows(0));
    grow(progress, 6, (second) => rows(Math.round(100 * second)));
    expect(stderr.text).toBe(
      "total 49% 500 of ~1,010, 98 rows/s, 5 s left, 1 of 2 done; b 49% 490 of ~1,000, 98 rows/s, 5 s left, copying\n",
    );
    progress.update(rows(1010));
    progress.done();
    expect(stderr.text.split("\n")[1]).toBe("total 100% 1,020, 170 rows/s, 2 of 2 done");
  });

  it("says what stands still, and less often the longer it takes", () => {
    const { io, stderr } = captureIo();
    const progress = io.progress();
    grow(progress, 600, (second) => [{ label: "a", done: second * 10, total: 1e6 }]);
    const lines = stderr.text.split("\n").length - 1;
    expect(lines).toBeGreaterThan(20);
    expect(lines).toBeLessThan(50);
    vi.advanceTimersByTime(120_000);
    expect(stderr.text).toMatch(/0 rows\/s, left unknown\n$/);
  });

  it("says nothing when it is over sooner", () => {
    const { io, stderr } = captureIo();
    const progress = io.progress();
    progress.update([{ label: "a", done: 1 }]);
    progress.done();
    progress.update([{ label: "a", done: 2 }]);
    vi.advanceTimersByTime(60_000);
    expect(stderr.text).toBe("");
  });
});
