import { startEtcd } from "../../src/sandbox/etcd/server.js";
import { realEtcdReason, startRealEtcd } from "../support/real-etcd.js";
import { etcdServerContract, progressMs } from "./etcd-server.contract.js";

etcdServerContract("the sandbox's etcd", () => startEtcd({ progressIntervalMs: progressMs }));

etcdServerContract(
  "a real etcd",
  () => startRealEtcd(["--experimental-watch-progress-notify-interval", `${progressMs}ms`]),
  realEtcdReason(),
);
