import { expect } from "vitest";
import type { CliResult } from "./cli.js";

/** A failure's lines: the sentence with its command, then perhaps a hint; nothing on stdout, no stack. */
export function expectFailure(
  result: CliResult,
  code: number,
  sentence: string | RegExp,
  hint?: string | RegExp,
): void {
  expect({ code: result.code, stdout: result.stdout }, result.stderr).toEqual({ code, stdout: "" });
  const [first, second, ...rest] = result.stderr.trimEnd().split("\n");
  if (typeof sentence === "string") expect(first).toBe(sentence);
  else expect(first).toMatch(sentence);
  if (hint === undefined) expect(second).toBeUndefined();
  else if (typeof hint === "string") expect(second).toBe(`Hint: ${hint}`);
  else expect(second).toMatch(hint);
  expect(rest).toEqual([]);
  expect(result.stderr).not.toContain("    at ");
}
