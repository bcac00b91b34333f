import { expect, test } from "vitest";
import { openTopo } from "../../src/topo/topo.js";
import { realEtcdReason, startRealEtcd } from "../support/real-etcd.js";

/** Started alike, as from one container image: an etcd cluster's id is made of its members' advertised peer addresses. */
const alike = [
  ...["--initial-advertise-peer-urls", "http://127.0.0.1:2380"],
  ...["--initial-cluster", "real=http://127.0.0.1:2380"],
];
const root = "/vitess/global";
const reason = realEtcdReason();

test.skipIf(reason !== undefined)(
  `two etcd clusters of one id are still two topologies${reason === undefined ? "" : `: ${reason}`}`,
  async () => {
    const [target, source] = await Promise.all([startRealEtcd(alike), startRealEtcd(alike)]);
    const here = await openTopo({ type: "etcd2", server: target.endpoint, root });
    const there = await openTopo({ type: "etcd2", server: source.endpoint, root });
    try {
      await here.createMount("ext1", { type: "etcd2", server: source.endpoint, root });
      await here.createMount("self", { type: "etcd2", server: target.endpoint, root });
      expect(await there.global.identity()).toEqual(await here.global.identity());
      expect(await here.mountsItself("ext1")).toBe(false);
      expect(await here.mountsItself("self")).toBe(true);
      // The same mount over there, of another write.
      await there.global.create("other", Buffer.from("x"));
      await there.createMount("ext1", { type: "etcd2", server: source.endpoint, root });
      expect(await here.mountsItself("ext1")).toBe(false);
    } finally {
      here.close();
      there.close();
      await Promise.all([target.close(), source.close()]);
    }
  },
  30_000,
);
