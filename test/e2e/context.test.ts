/** The user's contexts, as they are typed: which cluster is meant, and who may see what. */
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliResult, runCli } from "../support/cli.js";
import { Lab } from "../support/lab.js";

describe("context", () => {
  let lab: Lab;
  let home: string;
  let file: string;
  beforeAll(async () => {
    lab = await Lab.start({ mounts: [] });
    home = await mkdtemp(join(tmpdir(), "vtmigrate-contexts-"));
    file = join(home, "vtmigrate/config.json");
  });
  afterAll(async () => {
    await lab.close();
    await rm(home, { recursive: true });
  });

  function type(line: string, env: Record<string, string> = {}): Promise<CliResult> {
    return runCli(line.split(" "), { env: { XDG_CONFIG_HOME: home, ...env }, cwd: home });
  }
  const connection = () => `-topo_global_server_address ${lab.sandbox.target.etcd} -topo_global_root /vitess/global`;
  const source = () => `-topo_type etcd2 -topo_server ${lab.sandbox.source.etcd} -topo_root /vitess/global`;
  const stored = async () => JSON.parse(await readFile(file, "utf8"));

  it("there is none at first", async () => {
    const list = await type("context list");
    expect(list).toMatchObject({ code: 0, stdout: "" });
    expect(list.stderr).toContain(`There is no context in ${file}`);
    expect(await type("context show")).toMatchObject({ code: 2 });
  });

  it("set makes one, which nobody else can open, and the first one is the current one", async () => {
    const set = await type(`${connection()} context set prod`);
    expect(set).toMatchObject({ code: 0, stdout: "" });
    expect(set.stderr).toContain("It is the current one.");
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await stored()).toEqual({
      current: "prod",
      contexts: {
        prod: { topo_global_server_address: lab.sandbox.target.etcd, topo_global_root: "/vitess/global", mounts: {} },
      },
    });
    expect(await type("GetKeyspaces")).toMatchObject({ code: 0, stdout: "commerce\n" });
  });

  it("-context and use choose another one", async () => {
    await type("-topo_global_server_address 127.0.0.1:1 -topo_global_root /vitess/global context set gone");
    expect(await type("-context gone GetKeyspaces")).toMatchObject({ code: 5 });
    expect(await type("GetKeyspaces", { VTMIGRATE_CONTEXT: "gone" })).toMatchObject({ code: 5 });
    expect(await type("GetKeyspaces")).toMatchObject({ code: 0 });
    expect(await type("context use gone")).toMatchObject({ code: 0 });
    expect(await type("GetKeyspaces")).toMatchObject({ code: 5 });
    const wrong = await type("context use prd");
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain("Did you mean prod?");
    expect(await type("context use prod")).toMatchObject({ code: 0 });
    const list = JSON.parse((await type("-json context list")).stdout);
    expect(list.contexts).toMatchObject([
      { name: "prod", current: true },
      { name: "gone", current: false },
    ]);
  });

  it("a context that is named and another address contradict each other", async () => {
    const env = { VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS: "127.0.0.1:1" };
    const named = await type("-context prod -topo_global_server_address 127.0.0.1:1 GetKeyspaces");
    expect(named).toMatchObject({ code: 2 });
    expect(named.stderr).toContain("context prod is of");
    expect(await type("-context prod GetKeyspaces", env)).toMatchObject({ code: 0 });
    expect((await type("context use prod", env)).stderr).toContain("VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS is set");
  });

  it("Mount remembers names of files and variables; unmounting forgets them", async () => {
    await writeFile(join(home, "pw"), "s3cret\n", { mode: 0o600 });
    const mount = await type(`Mount ${source()} -source_topo_username me -source_topo_password_file pw -json ext1`);
    expect(mount).toMatchObject({ code: 0 });
    expect(mount.stderr).toContain("names of files and variables, no password");
    expect(mount.stderr).toContain("A vttablet has no flag for a user of etcd");
    expect((await stored()).contexts.prod.mounts).toEqual({
      ext1: {
        topo_server: lab.sandbox.source.etcd,
        topo_root: "/vitess/global",
        source_topo_username: "me",
        source_topo_password_file: join(home, "pw"),
      },
    });
    expect(await type("GetKeyspaces -mount ext1")).toMatchObject({ code: 0, stdout: "commerce\n" });
    for (const text of [mount.stdout, mount.stderr, await readFile(file, "utf8")]) expect(text).not.toContain("s3cret");
    expect(await type("Mount -unmount ext1")).toMatchObject({ code: 0 });
    expect((await stored()).contexts.prod.mounts).toEqual({});
  });

  it("a dry run of Mount shows what would be remembered, and remembers nothing", async () => {
    const before = await readFile(file, "utf8");
    const mount = await type(`Mount ${source()} -source_topo_username me -source_topo_password_file pw -dry_run ext1`);
    expect(mount).toMatchObject({ code: 0 });
    expect(mount.stdout).toContain(`Remember how ext1 is reached, in ${file}`);
    expect(mount.stdout).toContain(`-source_topo_username me`);
    expect(await readFile(file, "utf8")).toBe(before);
    expect(await lab.topo.mounts()).toEqual([]);
  });

  it("a mount that is there is given its references by mounting it again, and only so", async () => {
    await lab.mount("ext1", lab.sandbox.source);
    expect(await type(`Mount ${source()} ext1`)).toMatchObject({ code: 7 });
    const again = await type(`Mount ${source()} -source_topo_username me -source_topo_password_env EXT1_PW ext1`, {
      EXT1_PW: "s3cret",
    });
    expect(again).toMatchObject({ code: 0 });
    const without = await type("GetKeyspaces -mount ext1");
    expect(without).toMatchObject({ code: 2 });
    expect(without.stderr).toContain("the environment variable EXT1_PW is not set");
    expect(await type("GetKeyspaces -mount ext1", { EXT1_PW: "s3cret" })).toMatchObject({ code: 0 });
    const moved = await type(
      "Mount -topo_type etcd2 -topo_server 127.0.0.1:1 -topo_root /vitess/global -force -source_topo_username me -source_topo_password_env EXT1_PW ext1",
      { EXT1_PW: "s3cret" },
    );
    expect(moved).toMatchObject({ code: 7 });
  });

  it("a mount that leads elsewhere by now gets no password", async () => {
    await lab.topo.deleteMount("ext1");
    await lab.topo.createMount("ext1", { type: "etcd2", server: "127.0.0.1:1", root: "/vitess/global" });
    const get = await type("GetKeyspaces -mount ext1", { EXT1_PW: "s3cret" });
    expect(get).toMatchObject({ code: 7 });
    expect(get.stderr).toContain(`what is known for it was given for ${lab.sandbox.source.etcd}`);
    await lab.topo.deleteMount("ext1");
    await lab.topo.createMount("ext1", { type: "etcd2", server: lab.sandbox.source.etcd, root: "/other" });
    expect(await type("GetKeyspaces -mount ext1", { EXT1_PW: "s3cret" })).toMatchObject({ code: 7 });
    await lab.topo.deleteMount("ext1");
  });

  it("without a context, Mount makes one for the topology's address", async () => {
    const other = await mkdtemp(join(tmpdir(), "vtmigrate-contexts-"));
    const env = { XDG_CONFIG_HOME: other, EXT1_PW: "s3cret" };
    const flags = "-source_topo_username me -source_topo_password_env EXT1_PW";
    expect(await type(`${connection()} Mount ${source()} ${flags} ext1`, env)).toMatchObject({ code: 0 });
    const made = JSON.parse(await readFile(join(other, "vtmigrate/config.json"), "utf8"));
    expect(made.current).toBeUndefined();
    expect(Object.keys(made.contexts)).toEqual([`${lab.sandbox.target.etcd}/vitess/global`]);
    // Its address is what finds it.
    const { EXT1_PW: _, ...without } = env;
    expect(await type(`${connection()} GetKeyspaces -mount ext1`, without)).toMatchObject({ code: 2 });
    expect(await type(`${connection()} Mount -unmount ext1`, env)).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(join(other, "vtmigrate/config.json"), "utf8"))).toEqual({ contexts: {} });
    await rm(other, { recursive: true });
  });

  it("two that change the file at once lose nothing", async () => {
    const names = ["a", "b", "c", "d", "e"];
    await Promise.all(names.map((name) => type(`${connection()} context set ${name}`)));
    expect(Object.keys((await stored()).contexts)).toEqual(expect.arrayContaining(names));
    for (const name of names) expect(await type(`context delete ${name}`)).toMatchObject({ code: 0 });
    expect(Object.keys((await stored()).contexts)).toEqual(["prod", "gone"]);
  });

  it("set puts one way to give a password in place of another, and takes the rest from the environment", async () => {
    const [first, second] = ["-topo_etcd_username me -topo_etcd_password_file pw", "-topo_etcd_password_env MY_PW"];
    expect(await type(`${connection()} ${first} context set a`)).toMatchObject({ code: 0 });
    expect(await type(`${second} context set a`, { MY_PW: "x" })).toMatchObject({ code: 0 });
    const { a } = (await stored()).contexts;
    expect(a).toMatchObject({ topo_etcd_username: "me", topo_etcd_password_env: "MY_PW" });
    expect(a.topo_etcd_password_file).toBeUndefined();
    const moved = await type("-topo_global_server_address other:2379 context set a");
    expect(moved).toMatchObject({ code: 7 });
    expect(moved.stderr).toContain("its credentials are not for another one");
    const later = { VTMIGRATE_TOPO_ETCD_PASSWORD: "x" };
    expect(await type(`${connection()} -topo_etcd_username me context set b`, later)).toMatchObject({ code: 0 });
    for (const name of ["a", "b"]) await type(`context delete ${name}`);
  });

  it("a lock that a killed process left is told after 5 s, and hears Ctrl-C", async () => {
    await writeFile(`${file}.lock`, "1 1");
    const late = await type("context use prod");
    expect(late).toMatchObject({ code: 7 });
    expect(late.stderr).toContain(`rm ${file}.lock`);
    const onStart = (kill: (signal: NodeJS.Signals) => void) => void setTimeout(() => kill("SIGINT"), 1_500);
    const options = { env: { XDG_CONFIG_HOME: home }, onStart };
    expect(await runCli(["context", "use", "prod"], options)).toMatchObject({ code: 130 });
    await rm(`${file}.lock`);
    expect(await type("context use prod")).toMatchObject({ code: 0 });
  });

  it("without a home there are no contexts, and everything else works", async () => {
    const env = { XDG_CONFIG_HOME: "not/absolute", HOME: "/nonexistent" };
    expect(await type(`${connection()} GetKeyspaces`, env)).toMatchObject({ code: 0 });
    await writeFile(join(home, "no-folder"), "");
    const nowhere = { ...env, HOME: join(home, "no-folder") };
    expect(await type(`${connection()} context set x`, nowhere)).toMatchObject({ code: 1 });
  });

  it("a file with a password that others can read is refused, by every command; show hides it", async () => {
    const document = await stored();
    document.contexts.prod.topo_etcd_username = "me";
    document.contexts.prod.topo_etcd_password = "s3cret";
    await writeFile(file, JSON.stringify(document));
    const shown = await type("context show");
    expect(shown).toMatchObject({ code: 0 });
    expect(shown.stdout).toContain("topo_etcd_password          (hidden)");
    expect(JSON.parse((await type("-json context show")).stdout).settings.topo_etcd_password).toBe("(hidden)");
    await chmod(file, 0o640);
    for (const line of ["context list", "GetKeyspaces", "Mount -list", `${connection()} context set x`]) {
      const refused = await type(line);
      expect(refused, line).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr).toContain("holds a password, and others than its owner may open it");
      expect(refused.stderr).toContain(`chmod 600 ${file}`);
    }
    await chmod(file, 0o600);
  });

  it("a file that can't be read or isn't right says where", async () => {
    await writeFile(file, '{"contexts": {"prod": {"topo_etcd_tls_cs": "x"}}}');
    const wrong = await type("GetKeyspaces");
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain(`${file}: contexts.prod: unknown setting topo_etcd_tls_cs`);
    expect(wrong.stderr).toContain("Did you mean topo_etcd_tls_ca?");
  });

  it("a password on the command line is refused, and not repeated", async () => {
    const typed = await type("-topo_etcd_password=s3cret Mount -list");
    expect(typed).toMatchObject({ code: 2 });
    expect(typed.stderr).toContain("unknown flag: --topo_etcd_password");
    expect(typed.stderr).not.toContain("s3cret");
  });
});
