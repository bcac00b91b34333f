import type { AnyCommand } from "../../src/cli/command.js";
import { parseCommandLine } from "../../src/cli/parse.js";
import type { Context } from "../../src/context.js";

/** A command from its words to its printed answer, as the program runs it; failures are thrown. */
export async function run(command: AnyCommand<Context>, words: string[], ctx: Context): Promise<unknown> {
  const { input } = parseCommandLine({ program: "vtmigrate", globals: {}, command, before: [], after: words });
  const result: unknown = await command.run(input, ctx);
  command.view(result, ctx.io);
  return result;
}
