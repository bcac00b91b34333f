import { afterAll, beforeAll, describe } from "vitest";
import { RawEtcd } from "../support/raw-etcd.js";
import { clientContract } from "./etcd-server/client.js";
import { clusterContract } from "./etcd-server/cluster.js";
import { kvContract } from "./etcd-server/kv.js";
import { leaseContract } from "./etcd-server/lease.js";
import { txnContract } from "./etcd-server/txn.js";
import { vitessLockContract } from "./etcd-server/vitess-lock.js";
import { watchContract } from "./etcd-server/watch.js";

/** An empty server that tells watchers the revision every `progressMs`. */
export interface EtcdUnderTest {
  readonly endpoint: string;
  close(): Promise<void>;
}

export const progressMs = 1000;

/** What every part of the suite uses: one server, and a client of its own. */
export interface Suite {
  readonly endpoint: string;
  readonly raw: RawEtcd;
  /** A prefix for keys that no other test uses. */
  prefix(): string;
}

/**
 * What Vitess, etcd3 and this tool rely on in an etcd v3 server. The same suite runs over the sandbox's server and over a
 * real one, so that what the sandbox accepts is what etcd accepts.
 */
export function etcdServerContract(name: string, start: () => Promise<EtcdUnderTest>, reason?: string): void {
  describe.skipIf(reason !== undefined)(`${name}${reason ? ` (skipped: ${reason})` : ""}`, () => {
    let server: EtcdUnderTest;
    let raw: RawEtcd;
    let prefixes = 0;
    const suite: Suite = {
      get endpoint() {
        return server.endpoint;
      },
      get raw() {
        return raw;
      },
      prefix: () => `test${++prefixes}/`,
    };

    beforeAll(async () => {
      server = await start();
      raw = new RawEtcd(server.endpoint);
    });
    afterAll(async () => {
      raw?.close();
      await server?.close();
    });

    kvContract(suite);
    txnContract(suite);
    leaseContract(suite);
    watchContract(suite);
    clusterContract(suite);
    clientContract(suite);
    vitessLockContract(suite);
  });
}
