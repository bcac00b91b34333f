import { UsageError } from "../errors.js";
import { closest } from "../suggest.js";
import type { OptionSpec, OptionSpecs } from "./command.js";

/** One option and how it is written. */
export interface Flag {
  /** The key in the command's options. */
  key: string;
  /** As Vitess spells it: "topo_type", "on-ddl". */
  spelling: string;
  /** As commander knows it: the spelling with dashes. */
  long: string;
  spec: OptionSpec<unknown>;
}

/**
 * The options that a word may name: Vitess's spelling, aliases, and either of `_` and `-` between words.
 * Later specs win over earlier ones, so that a command may redefine a flag of the program.
 */
export class FlagTable {
  readonly flags: Flag[] = [];
  private readonly byName = new Map<string, Flag>();

  constructor(...layers: OptionSpecs[]) {
    for (const specs of layers) {
      for (const [key, spec] of Object.entries(specs)) this.add(key, spec);
    }
  }

  /** `name` is without its leading dashes. */
  find(name: string): Flag | undefined {
    return this.byName.get(normalize(name));
  }

  /** "unknown flag: --x", with the nearest known flag as the hint. */
  unknown(name: string, context: string): UsageError {
    const visible = this.flags.filter((flag) => !flag.spec.hidden).map((flag) => flag.spelling);
    const near = closest(normalize(name), visible.map(normalize));
    const flag = near === undefined ? undefined : this.find(near);
    const hint = flag === undefined ? `Run "${context}" to see the flags.` : `Did you mean -${flag.spelling}?`;
    return new UsageError(`unknown flag: --${name}`, { hint });
  }

  private add(key: string, spec: OptionSpec<unknown>): void {
    const spelling = spec.spelling ?? snakeCase(key);
    const flag: Flag = { key, spelling, long: normalize(spelling), spec };
    const shadowed = this.flags.findIndex((other) => other.long === flag.long);
    if (shadowed >= 0) this.flags.splice(shadowed, 1);
    this.flags.push(flag);
    for (const name of [spelling, key, ...(spec.aliases ?? [])]) this.byName.set(normalize(name), flag);
  }
}

function normalize(name: string): string {
  return name.replaceAll("_", "-");
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
