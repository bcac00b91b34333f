interface Aim {
  /** At most so many seconds slower than vtctlclient. */
  slower?: number;
  /** At most so many times vtctlclient's time. */
  ratio?: number;
}

/** What was measured, printed at the end in one piece. */
export class Lines {
  readonly #lines: string[] = [];

  /** Seconds. */
  add(name: string, { ours, theirs }: { ours: number; theirs: number }, aim: Aim = {}): void {
    const ratio = ours / theirs;
    const aims: [string, boolean][] = [
      ...(aim.slower === undefined ? [] : ([[`at most ${aim.slower} s slower`, ours - theirs <= aim.slower]] as const)),
      ...(aim.ratio === undefined ? [] : ([[`at most ${aim.ratio.toFixed(2)}`, ratio <= aim.ratio]] as const)),
    ].map(([text, met]) => [text, met]);
    const verdict = aims.map(([text, met]) => `  (aim: ${text}${met ? "" : ", MISSED"})`).join("");
    const times = `${ours.toFixed(2)} s  vtctlclient ${theirs.toFixed(2)} s`;
    this.#lines.push(`${name.padEnd(40)} vtmigrate ${times}  ratio ${ratio.toFixed(2)}${verdict}`);
  }

  print(out: NodeJS.WritableStream): void {
    out.write(`\n${this.#lines.join("\n")}\n\n`);
  }
}
