import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelCredentials, Client, credentials } from "@grpc/grpc-js";
import type { Certificate } from "./certificates.js";

export interface RealEtcd {
  /** "127.0.0.1:<port>" */
  readonly endpoint: string;
  /** SIGSTOP freezes the process, SIGCONT lets it go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Ends the process and starts it again with what it has stored: it has forgotten all tokens. */
  restart(): Promise<void>;
  /** Ends the process and removes its folder. */
  close(): Promise<void>;
}

/** How an etcd serves TLS. */
export interface EtcdTls {
  /** Of the server's certificate and of the clients'; PEM. */
  ca: string;
  server: Certificate;
  /** Given: the server wants a certificate of each client, and this is one (--client-cert-auth). */
  client?: Certificate;
}

let reason: { text: string | undefined } | undefined;

/** Why tests over a real etcd can't run here; undefined when they can. */
export function realEtcdReason(): string | undefined {
  if (reason === undefined) {
    const found = spawnSync("etcd", ["--version"], { stdio: "ignore" }).status === 0;
    reason = { text: found ? undefined : "no etcd on PATH (Debian: apt-get install etcd-server)" };
  }
  return reason.text;
}

/**
 * A single etcd, empty, on free ports of 127.0.0.1 in a temporary folder. Rejects with etcd's last lines
 * when it doesn't answer within 20 s.
 */
export async function startRealEtcd(extraArgs: string[] = [], tls?: EtcdTls): Promise<RealEtcd> {
  const folder = await mkdtemp(join(tmpdir(), "vtmigrate-etcd-"));
  const [client, peer] = await freePorts(2);
  const endpoint = `127.0.0.1:${client}`;
  const clientUrl = `${tls === undefined ? "http" : "https"}://${endpoint}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  const args = [
    ...["--name", "real", "--data-dir", join(folder, "data"), "--log-level", "warn"],
    ...["--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl],
    ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
    ...["--initial-cluster", `real=${peerUrl}`, "--unsafe-no-fsync"],
    ...(await tlsArgs(folder, tls)),
    ...extraArgs,
  ];
  let process = new EtcdProcess(folder, args);
  const close = async () => {
    await process.end();
    await rm(folder, { recursive: true, force: true });
  };
  const answering = async () => {
    try {
      await answers(endpoint, tls, process);
    } catch (error) {
      await close();
      throw new Error(`etcd doesn't answer: ${process.output}`, { cause: error });
    }
  };
  await answering();
  return {
    endpoint,
    signal: (name) => process.signal(name),
    async restart() {
      await process.end();
      process = new EtcdProcess(folder, args);
      await answering();
    },
    close,
  };
}

class EtcdProcess {
  /** Its last lines. */
  output = "";
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  /** A test run that is ended from outside must not leave it behind. */
  readonly #killOnExit = () => this.#child.kill("SIGKILL");

  constructor(cwd: string, args: string[]) {
    this.#child = spawn("etcd", args, { cwd, stdio: ["ignore", "ignore", "pipe"], env: { PATH: process.env.PATH } });
    this.#child.stderr?.on("data", (chunk: Buffer) => {
      this.output = (this.output + chunk.toString()).slice(-4000);
    });
    this.#exited = new Promise<void>((resolve) => {
      this.#child.on("exit", () => resolve());
      this.#child.on("error", () => resolve());
    });
    process.on("exit", this.#killOnExit);
  }

  get isOver(): boolean {
    return this.#child.exitCode !== null || this.#child.pid === undefined;
  }

  signal(name: "SIGSTOP" | "SIGCONT"): void {
    this.#child.kill(name);
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
    process.off("exit", this.#killOnExit);
  }
}

async function tlsArgs(folder: string, tls: EtcdTls | undefined): Promise<string[]> {
  if (tls === undefined) return [];
  const file = async (name: string, contents: string) => {
    const path = join(folder, name);
    await writeFile(path, contents, { mode: 0o600 });
    return path;
  };
  const args = [
    ...["--cert-file", await file("server.crt", tls.server.cert)],
    ...["--key-file", await file("server.key", tls.server.key)],
  ];
  if (tls.client === undefined) return args;
  return [...args, "--client-cert-auth", "--trusted-ca-file", await file("ca.crt", tls.ca)];
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(address !== null && typeof address === "object" ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/**
 * It listens before it has elected itself: only an answered read says that it is ready, and one that is refused for
 * want of a user.
 */
async function answers(endpoint: string, tls: EtcdTls | undefined, process: EtcdProcess): Promise<void> {
  const deadline = Date.now() + 20_000;
  const client = new Client(endpoint, clientCredentials(tls));
  // RangeRequest { key: "a" }
  const request = Buffer.from([0x0a, 0x01, 0x61]);
  const bytes = (value: Buffer) => value;
  const read = () =>
    new Promise<void>((resolve, reject) => {
      client.makeUnaryRequest(
        "/etcdserverpb.KV/Range",
        bytes,
        bytes,
        request,
        { deadline: Date.now() + 1000 },
        (error) => (error && !/user name is empty|permission denied/.test(error.details) ? reject(error) : resolve()),
      );
    });
  try {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (process.isOver || Date.now() > deadline) {
          throw error;
        }
        await sleep(100);
      }
    }
  } finally {
    client.close();
  }
}

function clientCredentials(tls: EtcdTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const { ca, client } = tls;
  return credentials.createSsl(
    Buffer.from(ca),
    client === undefined ? null : Buffer.from(client.key),
    client === undefined ? null : Buffer.from(client.cert),
  );
}
