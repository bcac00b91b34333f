import { describe } from "vitest";
import { startEtcd } from "../../src/sandbox/etcd/server.js";
import { realEtcdReason, startRealEtcd } from "../support/real-etcd.js";
import { authContract } from "./etcd-server-auth.contract.js";

describe("the sandbox's etcd", () => {
  authContract(async () => ({ ...(await startEtcd({ tokenTtlMs: 1_500 })), tokenMs: 2_000, overlooks: false }));
});

/** etcd looks once a second for tokens whose time is over. */
const REAL_ARGS = ["--auth-token-ttl", "2", "--bcrypt-cost", "4"];

const reason = realEtcdReason();
describe.skipIf(reason !== undefined)(`a real etcd${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  authContract(async () => ({ ...(await startRealEtcd(REAL_ARGS)), tokenMs: 3_300, overlooks: true }));
});
