import { describe, expect, it } from "vitest";
import { parseContexts } from "../../../src/access/contexts.js";
import { type GivenConnection, resolveTarget } from "../../../src/access/target.js";
import { UsageError } from "../../../src/errors.js";

const file = parseContexts(
  JSON.stringify({
    current: "prod",
    contexts: {
      prod: {
        topo_global_server_address: "a:2379,b:2379",
        topo_global_root: "/vitess/global",
        topo_etcd_tls_ca: "ca.pem",
        topo_etcd_username: "vtmigrate",
        topo_etcd_password: "s3cret",
      },
      staging: { topo_global_server_address: "s:2379", topo_global_root: "/vitess/global", topo_etcd_tls_ca: "/s.pem" },
    },
  }),
  "/home/me/config.json",
);

function resolve(given: Partial<GivenConnection> = {}, env: NodeJS.ProcessEnv = {}) {
  const flags = { implementation: "", server: "", root: "", context: "", references: {}, ...given };
  return resolveTarget(flags, { env, cwd: "/here", path: "/home/me/config.json", file });
}

describe("the target cluster", () => {
  it("is the current context's; its files count from the context's file", () => {
    expect(resolve()).toEqual({
      config: { type: "etcd2", server: "a:2379,b:2379", root: "/vitess/global" },
      level: { references: { topoCa: "/home/me/ca.pem", topoUsername: "vtmigrate" }, password: "s3cret" },
      context: "prod",
    });
  });

  it("is the context's that a flag names, or the environment", () => {
    expect(resolve({ context: "staging" })).toMatchObject({ context: "staging", config: { server: "s:2379" } });
    expect(resolve({}, { VTMIGRATE_CONTEXT: "staging" })).toMatchObject({ context: "staging" });
    expect(resolve({ context: "prod" }, { VTMIGRATE_CONTEXT: "staging" })).toMatchObject({ context: "prod" });
  });

  it("flags win over the environment, and that over the context, value by value", () => {
    const env = { VTMIGRATE_TOPO_ETCD_TLS_CA: "env.pem", VTMIGRATE_TOPO_ETCD_USERNAME: "env" };
    expect(resolve({}, env).level.references).toMatchObject({ topoCa: "/here/env.pem", topoUsername: "env" });
    const references = { topoCa: "flag.pem" };
    expect(resolve({ references }, env).level.references).toMatchObject({
      topoCa: "/here/flag.pem",
      topoUsername: "env",
    });
  });

  it("of the ways to give a password the nearest one counts, and no other", () => {
    expect(resolve({}, { VTMIGRATE_TOPO_ETCD_PASSWORD: "env" }).level.password).toBe("env");
    const { references, password } = resolve(
      { references: { topoPasswordFile: "flag" } },
      { VTMIGRATE_TOPO_ETCD_PASSWORD: "env" },
    ).level;
    expect([references.topoPasswordFile, password]).toEqual(["/here/flag", undefined]);
  });

  it("some of a context's etcds are still its etcds", () => {
    expect(resolve({ server: "b:2379" })).toMatchObject({
      context: "prod",
      config: { server: "b:2379", root: "/vitess/global" },
      level: { password: "s3cret" },
    });
  });

  it("another address gets nothing of the current context", () => {
    const evil = resolve({ server: "evil:2379", root: "/vitess/global" });
    expect(evil).toEqual({
      config: { type: "etcd2", server: "evil:2379", root: "/vitess/global" },
      level: { references: {}, password: undefined },
      context: undefined,
    });
    expect(resolve({ server: "a:2379", root: "/other" }).level.password).toBeUndefined();
    expect(() => resolve({ server: "evil:2379" })).toThrow("-topo_global_root missing");
  });

  it("a context that was made for the address is used unasked", () => {
    expect(resolve({ server: "s:2379", root: "vitess/global/" })).toMatchObject({
      context: "staging",
      level: { references: { topoCa: "/s.pem" } },
    });
  });

  it("the environment's credentials belong to the environment's address", () => {
    const env = {
      VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS: "e:2379,f:2379",
      VTMIGRATE_TOPO_GLOBAL_ROOT: "/vitess/global",
      VTMIGRATE_TOPO_ETCD_USERNAME: "me",
      VTMIGRATE_TOPO_ETCD_PASSWORD: "s3cret",
    };
    const mine = { level: { references: { topoUsername: "me" }, password: "s3cret" } };
    expect(resolve({}, env)).toMatchObject(mine);
    expect(resolve({ server: "f:2379" }, env)).toMatchObject(mine);
    for (const other of [{ server: "evil:2379" }, { root: "/other" }]) {
      expect(resolve(other, env).level).toEqual({ references: {}, password: undefined });
    }
    expect(resolve({ context: "staging" }, env).level).toEqual({
      references: { topoCa: "/s.pem" },
      password: undefined,
    });
  });

  it("what flags say of the one makes what the environment says of the other void", () => {
    const address = { VTMIGRATE_TOPO_GLOBAL_SERVER_ADDRESS: "s:2379" };
    expect(resolve({ context: "prod" }, address)).toMatchObject({
      context: "prod",
      config: { server: "a:2379,b:2379" },
    });
    const other = resolve({ server: "x:2379", root: "/vitess/global" }, { VTMIGRATE_CONTEXT: "staging" });
    expect(other).toMatchObject({ context: undefined, config: { server: "x:2379" } });
  });

  it("a context and another address in one place contradict each other", () => {
    expect(() => resolve({ context: "prod", server: "s:2379" })).toThrow(UsageError);
    expect(() => resolve({ context: "prod", server: "s:2379" })).toThrow(
      "context prod is of a:2379,b:2379 /vitess/global",
    );
    const env = { VTMIGRATE_CONTEXT: "prod", VTMIGRATE_TOPO_GLOBAL_ROOT: "/other" };
    expect(() => resolve({}, env)).toThrow("and the environment says");
    expect(() => resolve({ context: "prdo" })).toThrow("there is no context prdo");
  });
});
