/**
 * The lifecycle between clusters that trust nobody: TLS with certificates on both sides, an authority for each cluster's
 * etcd and for its tablets, users in the etcds, static credentials for the tablets. Typed with a context, as a user does
 * who gives everything once.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { allKeys } from "../../support/all-keys.js";
import { type CliResult, runCli } from "../../support/cli.js";
import type { Lab } from "../../support/lab.js";
import type { SecureClusters } from "../../support/secure-clusters.js";

export interface SecureLab {
  lab: Lab;
  secure: SecureClusters;
  close(): Promise<void>;
}

/** Every process shakes hands with half a dozen servers, beside whatever else a machine is at. */
const testTimeout = 120_000;

/** The suite; `start` gives the clusters' etcds by whatever they are. */
export function secureLifecycle(start: () => Promise<SecureLab>): void {
  let lab: Lab;
  let secure: SecureClusters;
  let close: () => Promise<void>;
  /** Everything that was printed, and the arguments of every process. */
  const seen: string[] = [];
  const log = () => join(secure.folder, "log");

  vi.setConfig({ testTimeout });
  beforeAll(async () => {
    ({ lab, secure, close } = await start());
  }, 60_000);
  afterAll(async () => close?.());

  async function type(line: string, more: readonly string[] = []): Promise<CliResult> {
    const words = ["-log_file", log(), "-v", "2", ...line.split(" "), ...more];
    const result = await runCli(words, { env: { XDG_CONFIG_HOME: secure.folder }, cwd: secure.folder });
    seen.push(words.join(" "), result.stdout, result.stderr);
    return result;
  }

  it("a context takes the target's address and credentials", async () => {
    const { etcd } = lab.sandbox.target;
    const address = ["-topo_global_server_address", etcd, "-topo_global_root", "/vitess/global"];
    expect(await type("context set prod", [...address, ...secure.target.flags])).toMatchObject({ code: 0 });
    expect(await type("GetKeyspaces")).toMatchObject({ code: 0, stdout: "commerce\n" });
  });

  it("Mount takes the source's, once, and says what the target's tablets need", async () => {
    const { etcd } = lab.sandbox.source;
    const server = `-topo_type etcd2 -topo_server ${etcd} -topo_root /vitess/global`;
    const mount = await type(`Mount ${server} ext1`, secure.source.flags);
    expect(mount, mount.stderr).toMatchObject({ code: 0 });
    expect(mount.stderr).toContain("ext1 answers.");
    expect(mount.stderr).toContain("--topo_etcd_tls_ca");
    expect(mount.stderr).toContain("--tablet_grpc_ca");
    expect(await type("GetKeyspaces -mount ext1")).toMatchObject({ code: 0, stdout: "commerce\n" });
  });

  it("the preflight asks every tablet on both sides, and the target's tablets", async () => {
    const { code, stdout } = await type("Migrate -preflight -all -source ext1.commerce Create commerce.wf");
    expect(code, stdout).toBe(0);
    expect(stdout).toMatch(/^source_tablets +ok/m);
    expect(stdout).toMatch(/^probe_stream +ok/m);
  });

  it("Create, Show and both VDiffs read both sides", async () => {
    const create = await type("Migrate -all -source ext1.commerce -wait Create commerce.wf");
    expect(create, create.stderr).toMatchObject({ code: 0 });
    const show = await type("Workflow commerce.wf Show");
    expect(JSON.parse(show.stdout).SourceLocation).toEqual({ Keyspace: "commerce", Shards: ["0"] });
    for (const line of ["VDiff commerce.wf", "VDiff -full commerce.wf", "VDiff commerce.wf create -wait"]) {
      const vdiff = await type(line);
      expect(vdiff, line + vdiff.stderr).toMatchObject({ code: 0 });
    }
  });

  it("Cancel takes it back, and leaves nothing", async () => {
    const cancel = await type("Migrate Cancel commerce.wf");
    expect(cancel, cancel.stderr).toMatchObject({ code: 0 });
    expect(lab.streams()).toEqual([]);
    expect(lab.targetTables()).toEqual([]);
    expect(await type("Workflow commerce Doctor")).toMatchObject({ code: 0 });
  });

  it("Complete announces the tables, and every row is there", async () => {
    expect(await type("Migrate -all -source ext1.commerce -wait Create commerce.again")).toMatchObject({ code: 0 });
    const complete = await type("Migrate Complete commerce.again");
    expect(complete, complete.stderr).toMatchObject({ code: 0 });
    expect(lab.rowsOf("target", "customer")).toEqual(lab.rowsOf("source", "customer"));
    expect(lab.rowsOf("source", "customer").length).toBeGreaterThan(0);
    expect(await type("GetVSchema ext1.commerce")).toMatchObject({ code: 0 });
  });

  it("Mount -unmount forgets the source, and its credentials", async () => {
    expect(await type("Mount -unmount ext1")).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(join(secure.folder, "vtmigrate/config.json"), "utf8"))).toMatchObject({
      contexts: { prod: { mounts: {} } },
    });
  });

  describe("no secret", () => {
    it.each(["in what was typed and printed", "in the log", "in the topologies", "in the configuration"])(
      "%s",
      async (where) => {
        const texts = {
          "in what was typed and printed": async () => seen,
          "in the log": async () => [await readFile(log(), "utf8")],
          "in the topologies": async () =>
            [
              ...(await allKeys(lab.sandbox.target.etcd, secure.target.etcdTls)),
              ...(await allKeys(lab.sandbox.source.etcd, secure.source.etcdTls)),
            ].map(({ key, value }) => `${key} ${value.toString("latin1")}`),
          "in the configuration": async () => [await readFile(join(secure.folder, "vtmigrate/config.json"), "utf8")],
        }[where];
        const all = (await texts?.())?.join("\n") ?? "";
        expect(all.length).toBeGreaterThan(100);
        for (const secret of secure.secrets) expect(all).not.toContain(secret);
        expect(all).not.toContain("PRIVATE KEY");
      },
    );

    it("in a file that wasn't made for it", async () => {
      const names = await readdir(secure.folder);
      const holding: string[] = [];
      for (const name of names.filter((each) => each !== "vtmigrate")) {
        const text = await readFile(join(secure.folder, name), "utf8");
        if (secure.secrets.some((secret) => text.includes(secret))) holding.push(name);
      }
      expect(holding.sort()).toEqual([
        "source-etcd.password",
        "source-tablets.json",
        "target-etcd.password",
        "target-tablets.json",
      ]);
    });
  });
}
