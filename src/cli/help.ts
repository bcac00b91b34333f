import { Command as CommanderCommand, Option } from "commander";
import { UsageError } from "../errors.js";
import type { OptionSpec, OptionSpecs } from "./command.js";
import { formatGoDuration } from "./duration.js";
import { FlagTable } from "./flag-table.js";
import { builtinOptions, type CommandEntry, type Program } from "./program.js";

/** Go's names of the value types, as its usage texts print them. */
const typeNames: Record<OptionSpec<unknown>["kind"], string> = {
  flag: "",
  text: "string",
  integer: "int",
  duration: "duration",
  list: "strings",
};

/**
 * The text of `help`, `help <command>` or `help <topic>`. The list of commands loads none of them.
 * UsageError for more than one word; `find` refuses unknown names.
 */
export async function helpText<Ctx, G extends OptionSpecs>(
  program: Program<Ctx, G>,
  words: readonly string[],
  find: (name: string) => CommandEntry<Ctx>,
): Promise<string> {
  const [word, ...more] = words.filter((candidate) => !candidate.startsWith("-"));
  if (more.length > 0) {
    throw new UsageError("help takes one word: a command or a topic", { hint: `Run "${program.name} help".` });
  }
  if (word === undefined) return overview(program);
  const topic = program.topics.find((candidate) => candidate.name === word.toLowerCase());
  if (topic !== undefined) return await topic.load();
  return await commandHelp(program, find(word));
}

function overview<Ctx, G extends OptionSpecs>(program: Program<Ctx, G>): string {
  const commander = newCommander(program.name)
    .usage("[flags] <command> [flags] [arguments]")
    .description(program.summary);
  for (const entry of program.commands) {
    commander
      .command(entry.name, { hidden: entry.hidden ?? false })
      .description(entry.summary)
      .helpOption(false);
  }
  addOptions(commander, [program.globals, builtinOptions]);
  const topics = program.topics.map((topic) => `  ${program.name} help ${topic.name.padEnd(14)}${topic.summary}`);
  return [commander.helpInformation().trimEnd(), "", "More:", commandHint(program.name), ...topics].join("\n");
}

function commandHint(program: string): string {
  return `  ${program} help ${"<command>".padEnd(14)}flags and examples of a command`;
}

async function commandHelp<Ctx, G extends OptionSpecs>(
  program: Program<Ctx, G>,
  entry: CommandEntry<Ctx>,
): Promise<string> {
  const command = await entry.load();
  const commander = newCommander(`${program.name} ${command.name}`).usage(command.usage).description(command.summary);
  addOptions(commander, [command.options]);
  const examples = command.examples.map((example) => `  ${program.name} ${example}`);
  const lines = [commander.helpInformation().trimEnd()];
  if (examples.length > 0) lines.push("", "Examples:", ...examples);
  lines.push("", `Flags that every command takes: ${program.name} help`);
  return lines.join("\n");
}

function newCommander(name: string): CommanderCommand {
  return new CommanderCommand(name)
    .helpOption(false)
    .helpCommand(false)
    .configureHelp({ helpWidth: 100, styleTitle: (title) => title.replace("Options:", "Flags:") })
    .configureHelp({
      helpWidth: 100,
      showGlobalOptions: false,
      optionTerm: (option) => option.flags,
      optionDescription: (option) => option.description,
      subcommandTerm: (sub) => sub.name(),
      styleTitle: (title) => title.replace("Options:", "Flags:"),
    });
}

/** Flags are shown as they are typed, with one dash: "-topo_type string". */
function addOptions(commander: CommanderCommand, layers: OptionSpecs[]): void {
  for (const flag of new FlagTable(...layers).flags) {
    if (flag.spec.hidden) continue;
    const option = new Option(`--${flag.long} <value>`, describe(flag.spec));
    option.flags = `-${flag.spelling} ${typeNames[flag.spec.kind]}`.trimEnd();
    option.negate = false;
    commander.addOption(option);
  }
}

function describe(spec: OptionSpec<unknown>): string {
  const fallback = spec.default;
  if (fallback === false || fallback === "" || (Array.isArray(fallback) && fallback.length === 0)) return spec.summary;
  if (spec.kind === "duration") {
    const ms = Number(fallback);
    return ms === 0 ? spec.summary : `${spec.summary} (default ${formatGoDuration(ms)})`;
  }
  if (fallback === Number.MAX_SAFE_INTEGER) return spec.summary;
  return `${spec.summary} (default ${String(fallback)})`;
}
