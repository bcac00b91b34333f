import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CliResult, connection } from "./cli.js";
import type { Lab } from "./lab.js";
import { type Direction, type Fault, Link } from "./link.js";
import { type Moment, StepLog } from "./step-log.js";

/** "etcd" (the target's, of all cells), "source" (that cluster's etcd and tablets), or a shard of the target: its tablets. */
export type Place = string;

interface Armed {
  log: StepLog;
  moment: Moment;
  place: Place;
  act(): void;
  /** Of the place, since the step began. */
  answers: number;
  asked: boolean;
}

const reroute = new URL("./reroute.js", import.meta.url).href;

/** All that a command's process talks to, each server behind a link of its own; the clusters' own traffic passes none. */
export class Network {
  #armed: Armed | undefined;
  readonly #links = new Map<Link, Place>();

  private constructor(private readonly lab: Lab) {}

  static async around(lab: Lab): Promise<Network> {
    const network = new Network(lab);
    const { sandbox } = lab;
    const etcds = (cells: Readonly<Record<string, string>>) =>
      [...new Set(Object.values(cells))].map((server) => Number(server.split(":").at(-1)));
    for (const port of etcds(sandbox.target.cells)) await network.#add(port, "etcd");
    for (const { port, shard } of sandbox.target.tablets) await network.#add(port, shard);
    for (const port of etcds(sandbox.source.cells)) await network.#add(port, "source");
    for (const { port } of sandbox.source.tablets) await network.#add(port, "source");
    return network;
  }

  /**
   * Types a command that talks over this network; `steps` are those that it has begun. `onStart` hears of it at once, with
   * what `arm` needs and what interrupts it.
   */
  async type(
    words: readonly string[],
    onStart: (log: StepLog, kill: (signal: NodeJS.Signals) => void) => void = () => {},
    timeoutMs = 60_000,
  ): Promise<CliResult & { steps: string[] }> {
    const folder = mkdtempSync(join(tmpdir(), "vtmigrate-network-"));
    const path = join(folder, "log.jsonl");
    const log = new StepLog(path);
    const routes = Object.fromEntries([...this.#links.keys()].map(({ port, ownPort }) => [port, ownPort]));
    const env = {
      ...connection(this.lab.sandbox.target.etcd),
      NODE_OPTIONS: `--import=${reroute}`,
      VTMIGRATE_TEST_ROUTES: JSON.stringify(routes),
    };
    try {
      const [command = "", ...others] = words;
      const line = [command, "-log_file", path, ...others];
      const result = await this.lab.type(line, { env, timeoutMs, onStart: (kill) => onStart(log, kill) });
      return { ...result, steps: log.begun };
    } finally {
      log.close();
      rmSync(folder, { recursive: true });
    }
  }

  /** Types a command and holds it up before a step, where that talks to `place`; resolves when it stands there. */
  async hold(
    words: readonly string[],
    step: string,
    place: Place,
  ): Promise<{ result: Promise<CliResult>; release(): void }> {
    let stands = () => {};
    const standing = new Promise<void>((resolve) => {
      stands = resolve;
    });
    const result = this.type(words, (log) =>
      this.arm(log, { step, at: "before" }, place, () => {
        this.inject("hold", place);
        stands();
      }),
    );
    const ended = result.then(({ stderr }) => {
      throw new Error(`it ended before it came to "${step}": ${stderr}`);
    });
    await Promise.race([standing, ended]);
    // From here on its end is awaited by whoever has `result`.
    ended.catch(() => {});
    return { result, release: () => this.heal() };
  }

  get places(): Place[] {
    return [...new Set(this.#links.values())];
  }

  inject(fault: Fault, place: Place): void {
    for (const link of this.#at(place)) link.inject(fault);
  }

  /** Calls `act` at that moment, before the bytes that tell of it have passed; `moment`'s answers are the place's. */
  arm(log: StepLog, moment: Moment, place: Place, act: () => void): void {
    this.#armed = { log, moment, place, act, answers: 0, asked: false };
  }

  /** Back to a whole network, with nothing to come. */
  heal(): void {
    this.#armed = undefined;
    for (const link of this.#links.keys()) link.heal();
  }

  async close(): Promise<void> {
    for (const link of this.#links.keys()) await link.close();
  }

  async #add(port: number, place: Place): Promise<void> {
    this.#links.set(await Link.to(port, (link, direction) => this.#before(link, direction)), place);
  }

  #at(place: Place): Link[] {
    return [...this.#links].filter(([, at]) => at === place).map(([link]) => link);
  }

  #before(link: Link, direction: Direction): void {
    const armed = this.#armed;
    if (armed === undefined || !this.#isDue(armed, link, direction)) return;
    this.#armed = undefined;
    armed.act();
  }

  #isDue(armed: Armed, link: Link, direction: Direction): boolean {
    const { log, moment, place } = armed;
    if (moment.at === "after") return log.isDone(moment.step);
    if (!log.hasBegun(moment.step)) return false;
    if (moment.at === "before") return true;
    if (this.#links.get(link) !== place) return false;
    if (direction === "requests") armed.asked = true;
    else if (armed.asked) {
      armed.asked = false;
      armed.answers++;
    }
    return armed.answers >= moment.at;
  }
}
