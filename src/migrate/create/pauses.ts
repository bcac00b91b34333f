/** Most is over within a second, and a copy that takes hours is asked about once a second. */
const FIRST_MS = 100;
const LAST_MS = 1_000;

/** Milliseconds to wait between questions about a stream's progress: 100, 200, 400, 800, then 1000 for good. */
export function* pauses(): Generator<number, never> {
  for (let ms = FIRST_MS; ; ms = Math.min(2 * ms, LAST_MS)) yield ms;
}
