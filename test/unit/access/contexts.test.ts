import { describe, expect, it } from "vitest";
import { formatContexts, parseContexts } from "../../../src/access/contexts.js";

const text = `${JSON.stringify(
  {
    current: "prod",
    contexts: {
      prod: {
        topo_global_server_address: "etcd.prod:2379",
        topo_global_root: "/vitess/global",
        topo_etcd_tls_ca: "prod-ca.pem",
        topo_etcd_username: "vtmigrate",
        topo_etcd_password: "s3cret",
        mounts: {
          ext1: {
            topo_server: "etcd.ext:2379",
            topo_root: "/vitess/global",
            source_topo_ca: "ext-ca.pem",
            source_tablet_ca: "ext-ca.pem",
          },
        },
      },
      constructor: { topo_global_server_address: "other:2379", topo_global_root: "/vitess/global", mounts: {} },
    },
  },
  undefined,
  2,
)}\n`;

describe("the user's contexts", () => {
  it("are written as they were read", () => {
    expect(formatContexts(parseContexts(text, "config.json"))).toBe(text);
  });

  it("have names of any kind", () => {
    const { contexts } = parseContexts(text, "config.json");
    expect(contexts.get("constructor")?.server).toBe("other:2379");
    expect(contexts.get("toString")).toBeUndefined();
    expect(contexts.get("prod")?.mounts.get("ext1")?.references).toEqual({
      topoCa: "ext-ca.pem",
      tabletCa: "ext-ca.pem",
    });
  });

  it.each([
    ["{", "config.json: it is not JSON"],
    ["[]", "config.json: an object is expected"],
    ['{"contexts": 1}', "config.json: contexts: an object is expected"],
    ['{"current": 1}', "config.json: current: a text is expected"],
    ['{"context": {}}', "config.json: unknown member context"],
    ['{"contexts": {"a": {"topo_etcd_tls_ka": "x"}}}', "config.json: contexts.a: unknown setting topo_etcd_tls_ka"],
    ['{"contexts": {"a": {"topo_etcd_tls_ca": 1}}}', "config.json: contexts.a.topo_etcd_tls_ca: a text is expected"],
    ['{"contexts": {"a": {"mounts": {"m": {}}}}}', "config.json: contexts.a.mounts.m: topo_server is missing"],
    ['{"contexts": {"a": {"mounts": {"m": {"topo_server": "h:1"}}}}}', "contexts.a.mounts.m: topo_root is missing"],
  ])("%s is refused", (wrong, sentence) => {
    expect(() => parseContexts(wrong, "config.json")).toThrow(sentence);
  });

  it("never show in an error what the file holds", () => {
    try {
      parseContexts('{"contexts": {"a": {"topo_etcd_password": "s3cret" "x"}}}', "config.json");
      expect.unreachable();
    } catch (error) {
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("s3cret");
    }
  });
});
