/** How fast something goes; counted over a span of seconds. */
export interface Rate {
  /** Per second. */
  rows: number;
  /** Per second; undefined where nobody counts bytes. */
  bytes: number | undefined;
  /** Over the whole window, and at about the same pace in both of its halves: good enough to say what is to come. */
  steady: boolean;
}

interface Sample {
  /** Milliseconds. */
  at: number;
  rows: number;
  bytes: number | undefined;
}

const windowMs = 10_000;
/** Packets come in bursts: nothing is said of less. */
const shortestMs = 1000;
/** Of the window, before a rate can be steady. */
const steadyMs = 3000;
const sampleMs = 200;
/** Of one half of the window to the other. */
const steadyFactor = 2;

/** The last seconds of one row's counts. A count of rows that falls has begun anew, and so does the window. */
export class RateWindow {
  private samples: Sample[] = [];

  observe(at: number, rows: number, bytes?: number): void {
    const last = this.samples.at(-1);
    const sample = { at, rows, bytes };
    // What has not begun has no rate: the window opens at the last moment in which nothing was done.
    const waiting = this.samples.length === 1 && last?.rows === 0 && rows === 0;
    if (last === undefined || rows < last.rows || waiting) this.samples = [sample];
    else if (this.samples.length > 1 && at - (this.samples.at(-2)?.at ?? 0) < sampleMs)
      this.samples.splice(-1, 1, sample);
    else this.samples.push(sample);
    while ((this.samples[1]?.at ?? at) <= at - windowMs) this.samples.shift();
  }

  /** Undefined while there is too little to tell from. */
  rate(now: number): Rate | undefined {
    const [first] = this.samples;
    const last = this.samples.at(-1);
    if (first === undefined || last === undefined || now - first.at < shortestMs || last.rows === 0) return undefined;
    const seconds = (now - first.at) / 1000;
    // Who counts bytes may begin with the first of them.
    const bytes = last.bytes === undefined ? undefined : last.bytes - (first.bytes ?? 0);
    return {
      rows: (last.rows - first.rows) / seconds,
      bytes: bytes === undefined ? undefined : bytes / seconds,
      steady: now - first.at >= steadyMs && this.isSteady(first, last, now),
    };
  }

  private isSteady(first: Sample, last: Sample, now: number): boolean {
    const middle = this.rowsAt((first.at + now) / 2);
    const halves = [middle - first.rows, last.rows - middle];
    return Math.min(...halves) * steadyFactor >= Math.max(...halves) && last.rows > first.rows;
  }

  /** In between two samples, as if rows came evenly. */
  private rowsAt(at: number): number {
    const next = this.samples.findIndex((sample) => sample.at >= at);
    const [before, after] = [this.samples[next - 1], this.samples[next]];
    if (after === undefined) return this.samples.at(-1)?.rows ?? 0;
    if (before === undefined) return after.rows;
    return before.rows + ((after.rows - before.rows) * (at - before.at)) / (after.at - before.at);
  }
}
