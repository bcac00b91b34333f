import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { InterruptedError } from "../../../src/errors.js";
import { terminalIo } from "../../../src/io/terminal.js";
import { FakeStream } from "../../support/fake-streams.js";

function terminal(isTTY = true) {
  const stderr = new FakeStream(isTTY);
  const stdin = Object.assign(new PassThrough(), { isTTY });
  return { io: terminalIo(new FakeStream(isTTY), stderr, { stdin }), stdin, stderr };
}

const never = new AbortController().signal;

describe("a question", () => {
  it.each([
    ["y\n", true],
    ["YES\n", true],
    [" yes \n", true],
    ["n\n", false],
    ["\n", false],
    ["yesterday\n", false],
  ])("answered with %j is %s", async (answer, expected) => {
    const { io, stdin, stderr } = terminal();
    const confirmed = io.confirm("Drop all?", never);
    stdin.write(answer);
    expect(await confirmed).toBe(expected);
    expect(stderr.text).toBe("Drop all? [y/N] ");
  });

  it("is a no at the end of the input", async () => {
    const { io, stdin } = terminal();
    const confirmed = io.confirm("Drop all?", never);
    stdin.end();
    expect(await confirmed).toBe(false);
  });

  it("is not asked where nobody sits at a terminal", async () => {
    const { io, stderr } = terminal(false);
    expect(await io.confirm("Drop all?", never)).toBe(true);
    expect(stderr.text).toBe("");
  });

  it("ends with the signal's reason", async () => {
    const { io } = terminal();
    const controller = new AbortController();
    const confirmed = io.confirm("Drop all?", controller.signal);
    controller.abort(new InterruptedError("interrupted by SIGINT"));
    await expect(confirmed).rejects.toThrow("interrupted by SIGINT");
  });
});
