import { describe, test } from "vitest";
import { startEtcd } from "../../src/sandbox/etcd/server.js";
import { realEtcdReason, startRealEtcd } from "../support/real-etcd.js";
import { topoContract } from "./topo.contract.js";

describe("topology on the embedded etcd", () => topoContract(() => startEtcd()));

const reason = realEtcdReason();
if (reason === undefined) describe("topology on a real etcd", () => topoContract(() => startRealEtcd()));
else test.skip(`topology on a real etcd: ${reason}`, () => undefined);
