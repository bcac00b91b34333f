import { pathToFileURL } from "node:url";
import type { Lab } from "../../support/lab.js";
import { type Direction, type Fault, Link } from "../../support/link.js";
import type { Moment, StepLog } from "./step-log.js";

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

const reroute = pathToFileURL(new URL("../../support/reroute.js", import.meta.url).pathname).href;

/** All that a command's process talks to, each server behind a link of its own; the clusters' own traffic passes none. */
export class Network {
  #armed: Armed | undefined;
  readonly #links = new Map<Link, Place>();

  static async around({ sandbox }: Lab): Promise<Network> {
    const network = new Network();
    const etcds = (cells: Readonly<Record<string, string>>) =>
      [...new Set(Object.values(cells))].map((server) => Number(server.split(":").at(-1)));
    for (const port of etcds(sandbox.target.cells)) await network.#add(port, "etcd");
    for (const { port, shard } of sandbox.target.tablets) await network.#add(port, shard);
    for (const port of etcds(sandbox.source.cells)) await network.#add(port, "source");
    for (const { port } of sandbox.source.tablets) await network.#add(port, "source");
    return network;
  }

  /** For a process that is to use it. */
  get env(): Record<string, string> {
    const routes = Object.fromEntries([...this.#links.keys()].map(({ port, ownPort }) => [port, ownPort]));
    return { NODE_OPTIONS: `--import=${reroute}`, VTMIGRATE_TEST_ROUTES: JSON.stringify(routes) };
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
