/** What a row of the side-by-side tables says. */
import type { VitessLab } from "../lab.js";

export interface Case {
  /** What stands in the test's name in the line's place: for lines that are long, or typed in several states. */
  name?: string;
  /**
   * The line as vtctlclient takes it since v16, without the lone "--": flags in front, with two dashes. vtmigrate is
   * typed the same words. Words are separated by single blanks, unless they come as a list.
   */
  line: string | string[];
  /** What vtmigrate is typed where it can't be the same words. */
  ours?: string | string[];
  /** What is done before, in this order; nothing else is there but the mount ext1 and the two clusters' tables. */
  given?: Given[];
  /** What differs, and why; everything else must be equal. */
  differs?: Difference[];
  /** vtctlclient is killed then: for lines that it has no end to. */
  timeoutMs?: number;
}

/** Cases of one command. */
export interface Table {
  name: string;
  cases: readonly Case[];
}

/** A state that is made in the same way for both tools. */
export interface Given {
  name: string;
  make(lab: VitessLab): Promise<unknown>;
}

export interface Difference {
  /** Beginnings of the places that differ, as findings.ts names them: "error", "stdout", "topology ...", "rows ...". */
  in: readonly string[];
  /** Releases from `since` on alone, and those before `before`. */
  since?: number;
  before?: number;
  /** Words of the sentence in docs/differences.md that tells why. */
  because: string;
}

/** A line's words. */
export function wordsOf(line: string | string[]): string[] {
  return typeof line === "string" ? line.split(" ").filter((word) => word !== "") : line;
}

/** The words as vtctlclient of a release takes them: since v16 its own parser stops at a lone "--". */
export function spelled(line: string | string[], release: number): string[] {
  const [command = "", ...words] = wordsOf(line);
  if (release >= 16) return [command, "--", ...words];
  return [command, ...words.map((word) => word.replace(/^--(?=\w)/, "-"))];
}
