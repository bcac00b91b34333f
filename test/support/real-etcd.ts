import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, credentials } from "@grpc/grpc-js";

export interface RealEtcd {
  /** "127.0.0.1:<port>" */
  readonly endpoint: string;
  /** SIGSTOP freezes the process, SIGCONT lets it go on. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Ends the process and removes its folder. */
  close(): Promise<void>;
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
export async function startRealEtcd(extraArgs: string[] = []): Promise<RealEtcd> {
  const folder = await mkdtemp(join(tmpdir(), "vtmigrate-etcd-"));
  const [client, peer] = await freePorts(2);
  const endpoint = `127.0.0.1:${client}`;
  const child = spawn(
    "etcd",
    [
      ...["--name", "real", "--data-dir", join(folder, "data"), "--log-level", "warn"],
      ...["--listen-client-urls", `http://${endpoint}`, "--advertise-client-urls", `http://${endpoint}`],
      ...[
        "--listen-peer-urls",
        `http://127.0.0.1:${peer}`,
        "--initial-advertise-peer-urls",
        `http://127.0.0.1:${peer}`,
      ],
      ...["--initial-cluster", `real=http://127.0.0.1:${peer}`, "--unsafe-no-fsync"],
      ...extraArgs,
    ],
    { cwd: folder, stdio: ["ignore", "ignore", "pipe"], env: { PATH: process.env.PATH } },
  );
  let output = "";
  child.stderr.on("data", (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  });
  const exited = new Promise<void>((resolve) => {
    child.on("exit", () => resolve());
    child.on("error", () => resolve());
  });
  // A test run that is ended from outside must not leave it behind.
  const killOnExit = () => child.kill("SIGKILL");
  process.on("exit", killOnExit);

  const close = async () => {
    child.kill("SIGKILL");
    await exited;
    process.off("exit", killOnExit);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await answers(endpoint, child);
  } catch (error) {
    await close();
    throw new Error(`etcd doesn't answer: ${output}`, { cause: error });
  }
  return { endpoint, signal: (name) => void child.kill(name), close };
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

/** It listens before it has elected itself: only an answered read says that it is ready. */
async function answers(endpoint: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 20_000;
  const client = new Client(endpoint, credentials.createInsecure());
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
        (error) => (error ? reject(error) : resolve()),
      );
    });
  try {
    for (;;) {
      try {
        return await read();
      } catch (error) {
        if (child.exitCode !== null || child.pid === undefined || Date.now() > deadline) {
          throw error;
        }
        await sleep(100);
      }
    }
  } finally {
    client.close();
  }
}
