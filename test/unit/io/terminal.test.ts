import { describe, expect, it } from "vitest";
import { terminalIo } from "../../../src/io/terminal.js";
import { captureIo, FakeStream } from "../../support/fake-streams.js";

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
