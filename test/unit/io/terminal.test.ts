import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { terminalIo } from "../../../src/io/terminal.js";
import { captureIo, FakeStream, screen } from "../../support/fake-streams.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("streams", () => {
  it("keeps the answer on stdout and everything else on stderr", () => {
    const { io, stdout, stderr } = captureIo();
    io.print("answer");
    io.write("half");
    io.note("note");
    io.warn("careful");
    expect(stdout.text).toBe("answer\nhalf");
    expect(stderr.text).toBe("note\nWarning: careful\n");
  });

  it("goes on when the reader is gone", async () => {
    const { io, stdout, stderr } = captureIo();
    io.print("one");
    stdout.fail("EPIPE");
    io.print("two");
    io.note("still here");
    await io.flush();
    expect(stdout.text).toBe("one\n");
    expect(stderr.text).toBe("still here\n");
  });

  it("doesn't hide other failures of a stream", () => {
    const { stdout } = captureIo();
    expect(() => stdout.fail("ENOSPC")).toThrow("ENOSPC");
  });

  it("lets no control characters through to a terminal", () => {
    const stderr = new FakeStream(true);
    const io = terminalIo(new FakeStream(), stderr);
    io.note("table \u001b[2Jgone\ttab");
    expect(stderr.text).toBe("table \ufffd[2Jgone\ttab\n");
  });
});

describe("progress on a terminal", () => {
  function terminal(columns?: number, rows?: number) {
    const stdout = new FakeStream(true, columns, rows);
    const stderr = new FakeStream(true, columns, rows);
    return { io: terminalIo(stdout, stderr), stderr };
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
    expect(screen(stderr.text)).toEqual(["customer  [##########]  100%  10 of 10  copied"]);
  });

  it("is at most 79 columns wide on a terminal of 80", () => {
    const { io, stderr } = terminal(80);
    const progress = io.progress();
    progress.update([
      {
        label: "a".repeat(64),
        done: 123_456,
        total: 987_654_321,
        estimated: true,
        state: "copying ".repeat(5),
      },
      { label: "b", done: 5 },
    ]);
    progress.done();
    const lines = screen(stderr.text);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect([...line].length).toBeLessThan(80);
    expect(lines[0]).toContain("123,456 of ~987,654,321");
  });

  it("shows the unfinished rows when not all fit, and how many are left out", () => {
    const { io, stderr } = terminal(80, 5);
    const progress = io.progress();
    progress.update(Array.from({ length: 10 }, (_, i) => ({ label: `t${i}`, done: i < 8 ? 10 : 1, total: 10 })));
    progress.done();
    const lines = screen(stderr.text);
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/^t8 /);
    expect(lines[2]).toMatch(/^t9 /);
    expect(lines[3]).toBe("... and 7 more");
  });

  it("is lifted out of the way of notes", () => {
    const { io, stderr } = terminal();
    const progress = io.progress();
    progress.update([{ label: "t", done: 1, total: 2 }]);
    io.note("something happened");
    progress.done();
    expect(screen(stderr.text)).toEqual(["something happened", "t  [#####     ]   50%  1 of 2"]);
  });
});

describe("progress elsewhere", () => {
  it("is a plain line every five seconds, and the last state at the end", () => {
    const { io, stderr } = captureIo();
    const progress = io.progress();
    const rows = (done: number) => [
      { label: "a", done: 10, total: 10 },
      { label: "b", done, total: 10, estimated: true, state: done === 10 ? "copied" : "copying" },
    ];
    progress.update(rows(1));
    expect(stderr.text).toBe("");
    vi.advanceTimersByTime(5000);
    progress.update(rows(5));
    vi.advanceTimersByTime(4000);
    progress.update(rows(7));
    progress.update(rows(10));
    progress.done();
    expect(stderr.text).toBe("1 of 2 done; b 50% 5 of ~10 copying\n2 of 2 done\n");
  });

  it("says nothing when it is over sooner", () => {
    const { io, stderr } = captureIo();
    const progress = io.progress();
    progress.update([{ label: "a", done: 1 }]);
    progress.done();
    progress.update([{ label: "a", done: 2 }]);
    expect(stderr.text).toBe("");
  });
});
