import { readFileSync } from "node:fs";
import type { Program } from "./cli/program.js";
import { commands } from "./commands/index.js";
import type { Context } from "./context.js";
import { globalOptions, openContext } from "./create-context.js";
import { topics } from "./help-topics.js";

/** vtmigrate as data: its commands, its flags and its help pages. */
export const program: Program<Context, typeof globalOptions> = {
  name: "vtmigrate",
  summary: "Copies tables from one Vitess cluster into another, without a vtctld.",
  globals: globalOptions,
  commands,
  topics,
  version: () => {
    const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    return String((JSON.parse(text) as { version: unknown }).version);
  },
  open: openContext,
};
