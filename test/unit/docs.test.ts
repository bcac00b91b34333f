/** What the documentation says, checked against the program. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { parseContexts } from "../../src/access/contexts.js";
import { settingNames, spelling } from "../../src/access/settings.js";
import type { AnyCommand } from "../../src/cli/command.js";
import { commands } from "../../src/commands/index.js";
import type { Context } from "../../src/context.js";
import { globalOptions } from "../../src/create-context.js";
import * as errors from "../../src/errors.js";
import { topics } from "../../src/help-topics.js";
import { runCli } from "../support/cli.js";

const project = join(import.meta.dirname, "../..");
const readme = readFileSync(join(project, "README.md"), "utf8");
const documents = ["README.md", ...readdirSync(join(project, "docs")).map((name) => `docs/${name}`)];

/** Lines of README's code blocks that run the program. */
const typedLines = readme.split("\n").filter((line) => line.startsWith("vtmigrate "));

describe("README.md", () => {
  it("types only flags that parse: each line fails for want of a connection, not for its words", async () => {
    expect(typedLines.length).toBeGreaterThan(8);
    for (const line of typedLines.filter((text) => !text.startsWith("vtmigrate sandbox"))) {
      const words = line
        .replace(/ [>#] .*/, "")
        .split(" ")
        .slice(1);
      const { code, stderr } = await runCli(words, { env: { VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS: "" } });
      // ApplyVSchema reads its file first, and there is none here.
      expect(stderr, line).toMatch(/topology is not given|commerceVschema\.json/);
      expect(code).toBe(2);
    }
  });

  it("tells the story that the demo runs", () => {
    const demo = readFileSync(join(project, "src/commands/sandbox/lifecycle.ts"), "utf8");
    const steps = typedLines.filter((line) => !line.includes("sandbox")).map((line) => line.split(" ")[1]);
    const run = [...demo.matchAll(/(mountWords|"(?:Migrate|Workflow|VDiff|GetVSchema|ApplyVSchema|Mount)")/g)].map(
      (match) => (match[1] === "mountWords" ? "Mount" : match[1]?.replaceAll('"', "")),
    );
    expect(new Set(run)).toEqual(new Set(steps));
  });

  it("lists every command", () => {
    for (const { name } of commands) expect(readme).toContain(name);
  });

  it("lists every exit code, as the help page and the errors do", async () => {
    const table = [...readme.matchAll(/^\| (\d+) \| /gm)].map((match) => Number(match[1]));
    const page = (await topics.find((topic) => topic.name === "exit-codes")?.load()) ?? "";
    expect([...page.matchAll(/^ +(\d+) {2}/gm)].map((match) => Number(match[1]))).toEqual(table);
    const thrown = Object.values(errors)
      .filter((value) => value !== errors.VtmigrateError)
      .map((ErrorClass) => new (ErrorClass as typeof errors.FailedError)("").exitCode);
    expect(table).toEqual([0, 3, ...thrown].sort((a, b) => a - b));
  });

  it("lists the connection flags with their environment twins", () => {
    for (const option of [
      globalOptions.topoImplementation,
      globalOptions.topoGlobalServerAddress,
      globalOptions.topoGlobalRoot,
    ]) {
      expect(readme).toContain(`| \`-${option.spelling}\` | \`VTMIGRATE_${option.spelling?.toUpperCase()}\` |`);
    }
  });

  it("names scripts and a Node range that package.json has", () => {
    const { scripts, engines } = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    for (const [, script] of readme.matchAll(/npm (?:run )?(\w+) +#/g)) expect(Object.keys(scripts)).toContain(script);
    expect(engines.node).toBe("^20.19.0");
    expect(readme).toContain("20.19");
  });
});

describe("docs/security.md", () => {
  const text = readFileSync(join(project, "docs/security.md"), "utf8");

  it.each(["target", "mount"] as const)("names every setting of a %s, and so does help connection", async (owner) => {
    const page = (await topics.find((topic) => topic.name === "connection")?.load()) ?? "";
    for (const name of settingNames) {
      expect(text).toContain(`\`-${spelling(name, owner)}\``);
      expect(page).toMatch(new RegExp(`^ {2}-${spelling(name, owner)} `, "m"));
    }
  });

  it("shows a configuration that is read", () => {
    const [, json = ""] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
    const { contexts } = parseContexts(json, "config.json");
    expect(contexts.get("prod")?.mounts.get("ext1")?.references.topoPasswordEnv).toBe("EXT1_PASSWORD");
  });
});

it("tests leave no core file, which would hold their passwords", () => {
  expect(readFileSync("/proc/self/limits", "utf8")).toMatch(/^Max core file size +0 /m);
});

describe.each(documents)("%s", (file) => {
  it("links to files that exist", () => {
    const text = readFileSync(join(project, file), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      expect(existsSync(join(project, file, "..", target)), target).toBe(true);
    }
  });

  it("names files of the source that exist", () => {
    const text = readFileSync(join(project, file), "utf8").replaceAll("get-cell-info-names.ts", "index.ts");
    for (const [, path = ""] of text.matchAll(/`((?:src|bin|proto|test)\/[\w./-]*)`/g)) {
      expect(existsSync(join(project, path)), path).toBe(true);
    }
  });
});

describe("docs/reliability.md", () => {
  const text = readFileSync(join(project, "docs/reliability.md"), "utf8");
  const rows = text.split("\n").filter((line) => /^\| /.test(line) && line !== "| promise | test |");

  it("names for each promise a test that there is", () => {
    expect(rows.length).toBeGreaterThan(30);
    for (const row of rows) {
      const [, file = "", title = ""] = /^\| .* \| `(test\/[\w./-]+)`: (.+) \|$/.exec(row) ?? [];
      expect(title, row).not.toBe("");
      expect(readFileSync(join(project, file), "utf8"), row).toContain(title);
    }
  });
});

it("docs/architecture.md has every room", () => {
  const text = readFileSync(join(project, "docs/architecture.md"), "utf8");
  const rooms = readdirSync(join(project, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of rooms) expect(text).toContain(`\`src/${name}/\``);
});

it("docs/add-a-command.md's command works as printed", async () => {
  const text = readFileSync(join(project, "docs/add-a-command.md"), "utf8");
  const source = /```ts\n {3}\/\/ (src\/commands\/[\w-]+\.ts)\n([\s\S]*?)```/.exec(text);
  const folder = mkdtempSync(join(project, "test/unit/docs-"));
  try {
    const file = join(folder, "command.ts");
    writeFileSync(file, (source?.[2] ?? "").replaceAll('"../', '"../../../src/'));
    const module: { getCellInfoNames: AnyCommand<Context> } = await import(pathToFileURL(file).href);
    const topo = { cells: async () => ["zone1", "zone2"] };
    const ctx = { topo: async () => topo } as unknown as Context;
    const result = await module.getCellInfoNames.run({ args: [], options: {}, given: new Set(), argv: [] }, ctx);
    const printed: string[] = [];
    module.getCellInfoNames.view(result, { print: (line: string) => printed.push(line) } as never);
    expect(printed).toEqual(["zone1", "zone2"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
