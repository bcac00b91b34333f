import type { Engine } from "../engine.js";
import { installAggregates } from "./aggregates.js";
import { controlRules } from "./control.js";
import { installDates } from "./date-implementations.js";
import { dateRules } from "./dates.js";
import { hashRules, installHashes } from "./hashes.js";
import { installJson, jsonRules } from "./json.js";
import { installNumbers, numberRules } from "./numbers.js";
import type { Rules } from "./rules.js";
import { installStrings } from "./string-implementations.js";
import { stringRules } from "./strings.js";

/** MySQL's functions by their lower-case names: how each is translated, and the type of its result. */
export const functionRules: Rules = {
  ...stringRules,
  ...numberRules,
  ...dateRules,
  ...hashRules,
  ...jsonRules,
  ...controlRules,
};

/** Registers what the translations call. `areTimeZonesLoaded`: are time zones known by their names? */
export function installFunctions(engine: Engine, areTimeZonesLoaded: boolean): void {
  installStrings(engine);
  installNumbers(engine);
  installDates(engine, areTimeZonesLoaded);
  installHashes(engine);
  installJson(engine);
  installAggregates(engine);
}
