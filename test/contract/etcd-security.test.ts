import { describe } from "vitest";
import { startEtcd } from "../../src/sandbox/etcd/server.js";
import { realEtcdReason, startRealEtcd } from "../support/real-etcd.js";
import { etcdSecurityContract } from "./etcd-security.contract.js";

describe("the sandbox's etcd", () => {
  etcdSecurityContract(async (tls) => {
    const served = tls && { ...tls.server, ...(tls.client && { clientCa: tls.ca }) };
    const etcd = await startEtcd({ ...(served && { tls: served }), tokenTtlMs: 200 });
    return { ...etcd, tokenMs: 300 };
  });
});

/** etcd looks once a second for tokens whose second is over. */
const REAL_ARGS = ["--auth-token-ttl", "1", "--bcrypt-cost", "4"];
const REAL_TOKEN_MS = 2_200;

const reason = realEtcdReason();
describe.skipIf(reason !== undefined)(`a real etcd${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  etcdSecurityContract(async (tls) => ({ ...(await startRealEtcd(REAL_ARGS, tls)), tokenMs: REAL_TOKEN_MS }));
});
