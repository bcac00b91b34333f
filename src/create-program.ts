import { createRequire } from "node:module";
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
  version: () => String(createRequire(import.meta.url)("vtmigrate/package.json").version),
  open: openContext,
};
