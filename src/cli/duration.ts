const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * A Go duration ("30s", "1m30s", "1.5h", "-2s", "0") in milliseconds. Throws SyntaxError in the words of
 * Go's time.ParseDuration; a bare number other than 0 lacks its unit.
 */
export function parseGoDuration(text: string): number {
  const sign = text.startsWith("-") ? -1 : 1;
  let rest = text.replace(/^[+-]/, "");
  if (rest === "0") return 0;
  if (rest === "") throw invalid(text);
  let total = 0;
  while (rest !== "") {
    const part = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest);
    if (part === null) throw invalid(text);
    const [all, digits = "", unit = ""] = part;
    if (unit === "") throw new SyntaxError(`time: missing unit in duration ${JSON.stringify(text)}`);
    const factor = unitMs[unit];
    if (factor === undefined) {
      throw new SyntaxError(`time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`);
    }
    total += Number(digits) * factor;
    rest = rest.slice(all.length);
  }
  // Go keeps nanoseconds in an int64: about 292 years.
  if (total > 2 ** 63 * 1e-6) throw invalid(text);
  return sign * total;
}

function invalid(text: string): SyntaxError {
  return new SyntaxError(`time: invalid duration ${JSON.stringify(text)}`);
}

/** Milliseconds as Go's Duration.String prints them: "1m30s", "1h0m0s", "1.5s", "250ms", "0s". */
export function formatGoDuration(ms: number): string {
  if (ms === 0) return "0s";
  if (ms < 0) return `-${formatGoDuration(-ms)}`;
  if (ms < 1e-3) return `${Math.round(ms * 1e6)}ns`;
  if (ms < 1) return `${trim(ms * 1e3)}µs`;
  if (ms < 1000) return `${trim(ms)}ms`;
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor(ms / 60_000) % 60;
  const seconds = `${trim((ms % 60_000) / 1000)}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

function trim(value: number): string {
  return String(Number(value.toFixed(9)));
}
