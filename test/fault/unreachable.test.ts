/** Migrate, Workflow and VDiff when a topology or a tablet doesn't answer: who, where and why, in time, and no change. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BadServers } from "../support/bad-servers.js";
import { connection, runCli } from "../support/cli.js";
import { expectFailure } from "../support/failure.js";
import { Lab } from "../support/lab.js";

const servers = new BadServers();
let lab: Lab;
let before: Awaited<ReturnType<Lab["everything"]>>;

beforeAll(async () => {
  lab = await Lab.start({ rows: 20 });
  const create = await lab.type("Migrate -tables product,customer -source ext1.commerce -wait Create commerce.wf");
  expect(create).toMatchObject({ code: 0 });
  before = await lab.everything();
}, 120_000);

afterAll(async () => {
  servers.close();
  await lab?.close();
});

const lines = [
  "Migrate -all -source ext1.commerce Create commerce.new",
  "Migrate Complete commerce.wf",
  "Migrate Cancel commerce.wf",
  "Workflow commerce.wf show",
  "VDiff commerce.wf",
];

describe("a topology that isn't one: exit 5 within 10 s", () => {
  it.each<[what: string, serve: () => Promise<string>, reason: string]>([
    ["refuses", () => servers.refusing(), "connection refused (TCP)"],
    ["swallows packets", () => servers.swallowing(), "no answer within 3 s (TCP)"],
    ["never answers", () => servers.silent(), "the server there accepts connections but never answers (gRPC)"],
    ["is a web server", () => servers.web(), "the server there does not speak etcd's protocol (gRPC)"],
    ["is a MySQL server", () => servers.mysql(), "the server there does not speak etcd's protocol (gRPC)"],
  ])("%s", async (_what, serve, reason) => {
    const address = await serve();
    const results = await Promise.all(
      ["Migrate Complete commerce.wf", "Workflow commerce.wf show", "VDiff commerce.wf"].map(async (line) => {
        const startedAt = Date.now();
        const result = await runCli(line.split(" "), { env: connection(address) });
        expect(Date.now() - startedAt).toBeLessThan(10_000);
        return [line.split(" ")[0], result] as const;
      }),
    );
    for (const [command, result] of results) {
      expect(result).toMatchObject({ code: 5, stdout: "" });
      expect(result.stderr.split("\n")[0]).toBe(`${command} Error: cannot reach etcd at ${address}: ${reason}`);
      expect(result.stderr).not.toContain("    at ");
    }
  });

  it("the mounted one: its name and address are in the sentence", async () => {
    const address = await servers.refusing();
    await lab.topo.createMount("gone", { type: "etcd2", server: address, root: "/vitess/global" });
    const result = await lab.type("Migrate -all -source gone.commerce Create commerce.new");
    expect(result).toMatchObject({ code: 5, stdout: "" });
    expect(result.stderr.split("\n")[0]).toBe(
      `Migrate Error: mount gone: cannot reach etcd at ${address}: connection refused (TCP)`,
    );
    await lab.topo.deleteMount("gone");
  });
});

describe("a tablet that doesn't answer: exit 5, with its alias and address", () => {
  async function expectUnreachable(cluster: "source" | "target", typed: string[], why: string): Promise<void> {
    const { alias, port } = lab.primary(cluster);
    const results = await Promise.all(
      typed.map(async (line) => {
        const startedAt = Date.now();
        const result = await lab.type(line);
        return { command: line.split(" ")[0], result, ms: Date.now() - startedAt };
      }),
    );
    for (const { command, result, ms } of results) {
      const sentence = `${command} Error: tablet ${alias} at 127.0.0.1:${port} doesn't answer: ${why}`;
      expectFailure(result, 5, sentence, /^Hint: The address comes from the tablet's record/);
      expect(ms).toBeLessThan(15_000);
    }
  }

  it("the target's primary hangs", async () => {
    lab.primary("target").pause();
    await expectUnreachable("target", lines, "no connection within 8 s");
    lab.primary("target").resume();
    expect(await lab.everything()).toEqual(before);
  }, 60_000);

  it("the source's tablets were killed: none of those that could be read from is left out", async () => {
    const tablets = lab.sandbox.source.tablets;
    for (const tablet of tablets) await tablet.kill();
    const startedAt = Date.now();
    const result = await lab.type("Migrate -tables corder -source ext1.commerce Create commerce.new");
    expect(Date.now() - startedAt).toBeLessThan(15_000);
    expect(result, result.stderr).toMatchObject({ code: 5, stdout: "" });
    for (const { alias, port } of tablets) {
      expect(result.stderr).toMatch(new RegExp(`${alias} at 127.0.0.1:${port} doesn't answer.*connection refused`));
    }
    expect((await lab.everything()).keys).toEqual(before.keys);
  }, 60_000);

  it("the target's primary was killed", async () => {
    await lab.primary("target").kill();
    await expectUnreachable("target", lines, "connection refused");
    expect((await lab.everything()).keys).toEqual(before.keys);
  }, 60_000);
});
