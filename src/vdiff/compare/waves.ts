import type { Job } from "./pass.js";

/** Snapshots open at once, as long as a job doesn't need more by itself. */
const MAX_SNAPSHOTS = 256;
/** Of them on one tablet. */
const MAX_PER_TABLET = 16;
/** Bytes by the servers' own estimates: tables beyond that are read alone, so that none waits for a large one's rows. */
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * What is compared at the same time: several small tables, or shards of one that can be compared apart from each other. In the
 * order of the jobs.
 */
export function inWaves(jobs: readonly Job[], { oneTable }: { oneTable: boolean }): Job[][] {
  const waves: Job[][] = [];
  let wave = new Wave();
  for (const job of jobs) {
    const isNext = wave.jobs.at(-1)?.plan !== job.plan;
    if ((oneTable && isNext) || !wave.takes(job)) wave = new Wave();
    if (wave.jobs.length === 0) waves.push(wave.jobs);
    wave.add(job);
  }
  return waves;
}

class Wave {
  readonly jobs: Job[] = [];
  #snapshots = 0;
  #bytes = 0;
  readonly #perShard = new Map<string, number>();

  takes(job: Job): boolean {
    const shards = namesOf(job);
    return (
      this.#snapshots + shards.length <= MAX_SNAPSHOTS &&
      this.#bytes + bytesOf(job) <= MAX_BYTES &&
      shards.every((shard) => (this.#perShard.get(shard) ?? 0) < MAX_PER_TABLET)
    );
  }

  add(job: Job): void {
    const shards = namesOf(job);
    this.jobs.push(job);
    this.#snapshots += shards.length;
    this.#bytes += bytesOf(job);
    for (const shard of shards) this.#perShard.set(shard, (this.#perShard.get(shard) ?? 0) + 1);
  }
}

function bytesOf({ shardBytes, group }: Job): number {
  return shardBytes * (group.sources.length + group.targets.length);
}

function namesOf({ group }: Job): string[] {
  return [...group.sources.map((shard) => `source ${shard}`), ...group.targets.map((shard) => `target ${shard}`)];
}
