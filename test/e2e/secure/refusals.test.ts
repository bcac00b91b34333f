/**
 * Whom the servers don't let in, and whose certificates aren't trusted: exit code 4, who, where, at which layer, and what
 * to do, within 10 s, and nothing is changed.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EtcdServer, startEtcd } from "../../../src/sandbox/etcd/server.js";
import { Authority } from "../../support/certificates.js";
import { type CliResult, runCli } from "../../support/cli.js";
import { Lab } from "../../support/lab.js";
import { ELSEWHERE, type SecureClusters, secureClusters } from "../../support/secure-clusters.js";

let lab: Lab;
let secure: SecureClusters;
/** Issues what nobody here knows. */
let stranger: Authority;
/** Of the target's etcd, with a certificate whose last day is over. */
let expired: EtcdServer;
let before: Awaited<ReturnType<Lab["everything"]>>;

beforeAll(async () => {
  secure = await secureClusters();
  lab = await Lab.start({ secure, rows: 5 });
  stranger = await Authority.create("stranger");
  expired = await startEtcd({ tls: await secure.target.authorities.etcd.issue({ name: "etcd", expired: true }) });
  const server = ["-topo_type", "etcd2", "-topo_server", lab.sandbox.source.etcd, "-topo_root", "/vitess/global"];
  const mount = await lab.type(["Mount", ...server, ...secure.source.flags, "ext1"]);
  expect(mount, mount.stderr).toMatchObject({ code: 0 });
  before = await lab.everything();
}, 60_000);
afterAll(async () => {
  await lab?.close();
  await expired?.close();
  await secure?.remove();
});

async function file(name: string, text: string): Promise<string> {
  const path = join(secure.folder, name);
  await writeFile(path, text, { mode: 0o600 });
  return path;
}

/** Flags and their values, with some of them given otherwise; undefined leaves one out. */
function changed(flags: readonly string[], changes: Record<string, string | undefined>): string[] {
  const values = new Map<string, string | undefined>();
  for (let i = 0; i < flags.length; i += 2) values.set(flags[i] ?? "", flags[i + 1] ?? "");
  for (const [flag, value] of Object.entries(changes)) values.set(flag, value);
  return [...values].flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
}

/** What is refused; that nothing is changed is looked at once, at the end. */
async function refused(
  words: string[],
  flags = secure.target.flags,
  server = lab.sandbox.target.etcd,
): Promise<string> {
  const env = { XDG_CONFIG_HOME: secure.folder };
  const address = ["-topo_global_server_address", server, "-topo_global_root", "/vitess/global"];
  const started = performance.now();
  const result: CliResult = await runCli([...address, ...flags, ...words], { env });
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(result, result.stderr).toMatchObject({ code: 4, stdout: "" });
  for (const secret of [...secure.secrets, "wr0ng"]) expect(result.stderr).not.toContain(secret);
  return result.stderr;
}

type Change = [flag: string, value: () => Promise<string> | undefined];
/** What is wrong, which flags say so, and what is told. */
type Wrong = [what: string, changes: Change[], sentences: RegExp[]];

/** The same faults on both sides, with each side's flags. */
function faultsOfEtcd(etcd: string, tls: string): Wrong[] {
  return [
    [
      "an unknown CA",
      [[`${tls}ca`, () => file("stranger.pem", stranger.ca)]],
      [/TLS/, /etcd/, /unknown|not signed|trust/i],
    ],
    ["another name", [[`${tls}server_name`, async () => "etcd.prod"]], [/etcd\.prod/, /localhost/, /127\.0\.0\.1/]],
    [
      "no client certificate",
      [
        [`${tls}cert`, () => undefined],
        [`${tls}key`, () => undefined],
      ],
      [/client certificate/],
    ],
    [
      "a client certificate of another CA",
      [
        [`${tls}cert`, async () => file("me.pem", (await issued()).cert)],
        [`${tls}key`, async () => file("me.key", (await issued()).key)],
      ],
      [/refused? our certificate/, /CN=me/, /stranger/],
    ],
    ["no TLS", [`ca`, `cert`, `key`].map((name): Change => [`${tls}${name}`, () => undefined]), [/wants TLS/]],
    ["a wrong password", [[`${etcd}password_file`, () => file("wrong", "wr0ng\n")]], [/user "vtmigrate"/, /password/]],
    ["an unknown user", [[`${etcd}username`, async () => "nobody"]], [/user "nobody"/]],
    [
      "no user",
      [
        [`${etcd}username`, () => undefined],
        [`${etcd}password_file`, () => undefined],
      ],
      [/permission denied|wants a user|user name is empty/],
    ],
  ];
}

let pair: ReturnType<Authority["issue"]> | undefined;
function issued() {
  pair ??= stranger.issue({ name: "me" });
  return pair;
}

async function withChanges(flags: readonly string[], changes: Change[]): Promise<string[]> {
  const values = await Promise.all(changes.map(async ([flag, value]) => [flag, await value()] as const));
  return changed(flags, Object.fromEntries(values));
}

describe("the target's etcd", () => {
  it.each(faultsOfEtcd("-topo_etcd_", "-topo_etcd_tls_"))("%s", async (_what, changes, sentences) => {
    const stderr = await refused(["Mount", "-list"], await withChanges(secure.target.flags, changes));
    for (const sentence of [...sentences, new RegExp(lab.sandbox.target.etcd)]) expect(stderr).toMatch(sentence);
  });

  it("a certificate that is over", async () => {
    const stderr = await refused(["Mount", "-list"], secure.target.flags, expired.endpoint);
    expect(stderr).toMatch(/expired on \d{4}-\d\d-\d\d/);
  });

  it("a user that may not read", async () => {
    const flags = await withChanges(secure.target.flags, [
      ["-topo_etcd_username", async () => ELSEWHERE.name],
      ["-topo_etcd_password_file", () => file("elsewhere", ELSEWHERE.password)],
    ]);
    const stderr = await refused(["Mount", "-list"], flags);
    expect(stderr).toContain('user "elsewhere" may not read /vitess/global');
  });
});

describe("a mount's etcd", () => {
  const mount = (flags: readonly string[]) => {
    const server = ["-topo_type", "etcd2", "-topo_server", lab.sandbox.source.etcd, "-topo_root", "/vitess/global"];
    return ["Mount", ...server, ...flags, "ext2"];
  };

  it.each(faultsOfEtcd("-source_topo_", "-source_topo_"))("%s", async (_what, changes, sentences) => {
    const stderr = await refused(mount(await withChanges(secure.source.flags, changes)));
    for (const sentence of [...sentences, new RegExp(lab.sandbox.source.etcd)]) expect(stderr).toMatch(sentence);
  });

  it("answers, and a tablet of the source doesn't let us in", async () => {
    const flags = await withChanges(secure.source.flags, [
      [
        "-source_grpc_auth_static_client_creds",
        () => file("wrong.json", '{"Username": "vtmigrate", "Password": "wr0ng"}'),
      ],
    ]);
    expect(await refused(mount(flags))).toMatch(/invalid credentials[\s\S]*-source_grpc_auth_static_client_creds/);
  });

  it("is named by the mount when a later command opens it", async () => {
    const wrong = { VTMIGRATE_SOURCE_TOPO_PASSWORD: "wr0ng" };
    const result = await lab.type("GetKeyspaces -mount ext1", { env: { ...wrong, ...lab.environment() } });
    expect(result).toMatchObject({ code: 4, stdout: "" });
    expect(result.stderr).toMatch(/mount ext1: .*user "vtmigrate"/);
    expect(result.stderr).not.toContain("wr0ng");
  });
});

describe("a tablet", () => {
  const faults: Wrong[] = [
    ["an unknown CA", [["-tablet_grpc_ca", () => file("stranger.pem", stranger.ca)]], [/TLS/]],
    ["another name", [["-tablet_grpc_server_name", async () => "tablet.prod"]], [/tablet\.prod/, /localhost/]],
    [
      "no client certificate",
      [
        ["-tablet_grpc_cert", () => undefined],
        ["-tablet_grpc_key", () => undefined],
      ],
      [/client certificate/],
    ],
    [
      "a client certificate of another CA",
      [
        ["-tablet_grpc_cert", async () => file("me.pem", (await issued()).cert)],
        ["-tablet_grpc_key", async () => file("me.key", (await issued()).key)],
      ],
      [/refused? our certificate/, /stranger/],
    ],
    ["no TLS", ["ca", "cert", "key"].map((name): Change => [`-tablet_grpc_${name}`, () => undefined]), [/wants TLS/]],
    [
      "a certificate that was revoked",
      [
        [
          "-tablet_grpc_crl",
          async () => file("crl.pem", await secure.target.authorities.tablets.revoke(secure.target.tabletCertificate)),
        ],
      ],
      [/revoked/],
    ],
    [
      "a wrong password",
      [["-grpc_auth_static_client_creds", () => file("wrong.json", '{"Username": "vtmigrate", "Password": "wr0ng"}')]],
      [/invalid credentials/],
    ],
    [
      "no credentials",
      [["-grpc_auth_static_client_creds", () => undefined]],
      [/username and password must be provided/],
    ],
  ];

  it.each(faults)("%s", async (_what, changes, sentences) => {
    const { alias, grpcAddress } = await lab.topo.tablet(lab.primary("target").alias);
    const flags = await withChanges(secure.target.flags, changes);
    const stderr = await refused(["GetSchema", alias], flags);
    for (const sentence of [...sentences, new RegExp(alias), new RegExp(grpcAddress)]) expect(stderr).toMatch(sentence);
    // Each of them tells what to do about it, but for what only the tablet's owner can.
    expect(stderr).toMatch(/^Hint: .*(-tablet_grpc_|-grpc_auth_|needs a new one)/m);
  });

  it("of a mount is spoken of with Mount's flags", async () => {
    const env = { VTMIGRATE_SOURCE_TABLET_CA: await file("stranger.pem", stranger.ca), ...lab.environment() };
    const [source] = lab.sandbox.source.tablets;
    const result = await lab.type(`GetSchema -mount ext1 ${source?.alias}`, { env });
    expect(result).toMatchObject({ code: 4, stdout: "" });
    expect(result.stderr).toContain("-source_tablet_ca");
  });

  it("that refuses is a failed check of the preflight, with the layer", async () => {
    const env = { VTMIGRATE_SOURCE_TABLET_CA: await file("stranger.pem", stranger.ca), ...lab.environment() };
    const line = "-json Migrate -preflight -all -source ext1.commerce Create commerce.wf";
    const result = await lab.type(line, { env });
    expect(result.code).toBe(4);
    const { checks } = JSON.parse(result.stdout);
    const check = checks.find(({ name }: { name: string }) => name === "source_tablets");
    expect(check).toMatchObject({ result: "failed", code: "auth" });
    for (const tried of check.tried) expect(tried).toMatchObject({ layer: "TLS", answered: false });
    expect(check.remedy).toContain("-source_tablet_ca");
  });
});

it("nothing of all that has changed anything", async () => {
  expect(await lab.everything()).toEqual(before);
});
