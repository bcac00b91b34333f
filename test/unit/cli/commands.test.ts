import { describe, expect, it } from "vitest";
import { FlagTable } from "../../../src/cli/flag-table.js";
import { builtinOptions } from "../../../src/cli/program.js";
import { commands } from "../../../src/commands/index.js";
import { globalOptions } from "../../../src/create-context.js";

describe.each(commands.map((entry) => [entry.name, entry] as const))("%s", (name, entry) => {
  it("is what the list says", async () => {
    const command = await entry.load();
    expect({ name: command.name, summary: command.summary }).toEqual({ name, summary: entry.summary });
  });

  it("has examples that begin with its name", async () => {
    const { examples } = await entry.load();
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(example.split(" ")).toContain(name);
  });

  it("takes no flag away from the program", async () => {
    const { options } = await entry.load();
    const program = new FlagTable(builtinOptions, globalOptions);
    const own = new FlagTable(options);
    expect(own.flags.filter((flag) => program.find(flag.spelling)).map((flag) => flag.spelling)).toEqual([]);
  });
});
