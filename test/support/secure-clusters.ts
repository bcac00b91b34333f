/**
 * What two clusters need that trust nobody: mutual TLS with an authority of its own for each side's etcd and for each
 * side's tablets, users in the etcds, static credentials for the tablets. With the flags that a user types for them.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EtcdSecurity, Login, TabletSecurity, Tls } from "../../src/net/security.js";
import type { SandboxOptions } from "../../src/sandbox/cluster.js";
import type { ClusterSecurity } from "../../src/sandbox/security.js";
import { Authority, type Certificate } from "./certificates.js";
import { addUsers, ROOT } from "./etcd-users.js";
import { type EtcdTls, type RealEtcd, startRealEtcd } from "./real-etcd.js";

export interface SecureSide {
  /** How vtmigrate speaks to the side's servers, as this process's own clients need it. */
  readonly etcd: EtcdSecurity;
  readonly tablets: TabletSecurity;
  /** The same as flags, which name files: of every command for the target, of Mount for the source. */
  readonly flags: readonly string[];
  readonly authorities: { readonly etcd: Authority; readonly tablets: Authority };
  /** What the side's tablets show. */
  readonly tabletCertificate: Certificate;
  /** For a real etcd in place of the sandbox's: what it serves, and its users. */
  readonly etcdTls: EtcdTls;
  readonly etcdUsers: readonly EtcdUser[];
}

export interface EtcdUser {
  name: string;
  password: string;
  prefix: string;
}

export interface SecureClusters {
  /** For startSandbox and Lab. */
  readonly sandbox: Pick<SandboxOptions, "sourceSecurity" | "targetSecurity">;
  readonly source: SecureSide;
  readonly target: SecureSide;
  /** Every secret: none of them may be seen anywhere. */
  readonly secrets: readonly string[];
  /** Holds the files that the flags name, and is empty otherwise. */
  readonly folder: string;
  remove(): Promise<void>;
}

export interface SecureWish {
  /** Whose certificates the target's tablets don't know, though they should. */
  unknownToTarget?: readonly ("source etcd" | "source tablets")[];
}

/** A real etcd that serves a side's certificate and knows its users, in place of the sandbox's own: see Lab's `etcds`. */
export async function startSecureEtcd({ etcdTls, etcdUsers }: SecureSide): Promise<RealEtcd> {
  const etcd = await startRealEtcd([], etcdTls);
  const users = etcdUsers.map(({ name, password, prefix }) => ({ name, password, prefixes: [prefix] }));
  await addUsers(etcd.endpoint, users, etcdTls);
  return etcd;
}

/** A user of the etcds who may see nothing of Vitess. */
export const ELSEWHERE: EtcdUser = { name: "elsewhere", password: "elsewhere's", prefix: "/elsewhere/" };

/** The common name of every process's certificate, which is its user in the etcds. */
const TABLET = "vttablet";
const TOOL = "vtmigrate";

export async function secureClusters({ unknownToTarget = [] }: SecureWish = {}): Promise<SecureClusters> {
  const folder = await mkdtemp(join(tmpdir(), "vtmigrate-secure-"));
  const [source, target] = await Promise.all([makeSide("source"), makeSide("target")]);
  // Vitess has one set of flags for a process: the target's tablets show the same to both clusters' servers.
  const visitors = { etcd: [source.etcd, target.etcd], tablets: [source.tablets, target.tablets] };
  const trusted = {
    etcd: unknownToTarget.includes("source etcd") ? [target.etcd] : visitors.etcd,
    tablets: unknownToTarget.includes("source tablets") ? [target.tablets] : visitors.tablets,
  };
  const [sourceSecurity, targetSecurity] = await Promise.all([
    clusterSecurity(source, { letsIn: visitors, trusts: { etcd: [source.etcd], tablets: [source.tablets] } }),
    clusterSecurity(target, { letsIn: { etcd: [target.etcd], tablets: [target.tablets] }, trusts: trusted }),
  ]);
  return {
    sandbox: { sourceSecurity, targetSecurity },
    source: await userSide(folder, "source", source, sourceSecurity),
    target: await userSide(folder, "target", target, targetSecurity),
    secrets: [source, target].flatMap(({ etcdPassword, tabletPassword }) => [etcdPassword, tabletPassword]),
    folder,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

interface Authorities {
  etcd: Authority[];
  tablets: Authority[];
}

interface Side {
  etcd: Authority;
  tablets: Authority;
  etcdPassword: string;
  tabletPassword: string;
}

async function makeSide(name: string): Promise<Side> {
  const [etcd, tablets] = await Promise.all([Authority.create(`${name} etcd`), Authority.create(`${name} tablets`)]);
  return { etcd, tablets, etcdPassword: `${name}-etcd-s3cret`, tabletPassword: `${name}-tablet-s3cret` };
}

async function clusterSecurity(
  side: Side,
  { letsIn, trusts }: { letsIn: Authorities; trusts: Authorities },
): Promise<Required<ClusterSecurity>> {
  const [etcd, tablet, asEtcdClient, asTabletClient] = await Promise.all([
    side.etcd.issue({ name: "etcd" }),
    side.tablets.issue({ name: "tablet" }),
    side.etcd.issue({ name: TABLET }),
    side.tablets.issue({ name: TABLET }),
  ]);
  const tabletTls = showing(asTabletClient, trusts.tablets);
  return {
    etcd: {
      tls: { ...etcd, clientCa: bundle(letsIn.etcd) },
      auth: { rootPassword: ROOT.password, users: etcdUsers(side) },
    },
    tablets: {
      tls: { ...tablet, clientCa: bundle(letsIn.tablets) },
      users: [tabletLogin, { username: TOOL, password: side.tabletPassword }],
    },
    clients: {
      etcd: showing(asEtcdClient, trusts.etcd),
      tablets: { manager: tabletTls, query: tabletTls, login: tabletLogin },
    },
  };
}

/** Both clusters' tablets have it: a process has one user for all. */
const tabletLogin: Login = { username: TABLET, password: "between-tablets-s3cret" };

/** A vttablet can't log in: it is whom its certificate names, and nobody knows its password. */
function etcdUsers({ etcdPassword }: Side): EtcdUser[] {
  return [
    { name: TOOL, password: etcdPassword, prefix: "/vitess/" },
    { name: TABLET, password: "nobody's", prefix: "/vitess/" },
    ELSEWHERE,
  ];
}

async function userSide(
  folder: string,
  name: "source" | "target",
  side: Side,
  { etcd: served, tablets }: Required<ClusterSecurity>,
): Promise<SecureSide> {
  const [forEtcd, forTablets] = await Promise.all([
    // Not the user's name: that it has to be given as such shall show.
    side.etcd.issue({ name: "somebody" }),
    side.tablets.issue({ name: TOOL }),
  ]);
  const tabletTls = showing(forTablets, [side.tablets]);
  const login = { username: TOOL, password: side.tabletPassword };
  const file = async (of: string, contents: string) => {
    const path = join(folder, `${name}-${of}`);
    await writeFile(path, contents, { mode: 0o600 });
    return path;
  };
  const prefix = name === "target" ? { etcd: "-topo_etcd_", tls: "tls_", tablet: "-tablet_grpc_", creds: "-" } : MOUNT;
  const { clientCa = "", ...server } = served.tls ?? { cert: "", key: "" };
  return {
    etcd: { tls: showing(forEtcd, [side.etcd]), login: { username: TOOL, password: side.etcdPassword } },
    tablets: { manager: tabletTls, query: tabletTls, login },
    flags: [
      ...[`${prefix.etcd}${prefix.tls}ca`, await file("etcd-ca.pem", side.etcd.ca)],
      ...[`${prefix.etcd}${prefix.tls}cert`, await file("etcd.pem", forEtcd.cert)],
      ...[`${prefix.etcd}${prefix.tls}key`, await file("etcd.key", forEtcd.key)],
      ...[`${prefix.etcd}username`, TOOL],
      ...[`${prefix.etcd}password_file`, await file("etcd.password", `${side.etcdPassword}\n`)],
      ...[`${prefix.tablet}ca`, await file("tablets-ca.pem", side.tablets.ca)],
      ...[`${prefix.tablet}cert`, await file("tablets.pem", forTablets.cert)],
      ...[`${prefix.tablet}key`, await file("tablets.key", forTablets.key)],
      `${prefix.creds}grpc_auth_static_client_creds`,
      await file("tablets.json", JSON.stringify({ Username: login.username, Password: login.password })),
    ],
    authorities: { etcd: side.etcd, tablets: side.tablets },
    tabletCertificate: tablets.tls ?? { cert: "", key: "" },
    etcdTls: { ca: clientCa, server, client: forEtcd },
    etcdUsers: etcdUsers(side),
  };
}

const MOUNT = { etcd: "-source_topo_", tls: "", tablet: "-source_tablet_", creds: "-source_" };

function showing({ cert, key }: Certificate, trusted: readonly Authority[]): Tls {
  return { ca: Buffer.from(bundle(trusted)), cert: Buffer.from(cert), key: Buffer.from(key) };
}

/** Certificates one after the other, as a file of authorities has them. */
function bundle(authorities: readonly Authority[]): string {
  return authorities.map(({ ca }) => ca).join("");
}
