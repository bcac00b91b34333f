import { afterEach, describe, expect, it, vi } from "vitest";
import { type EtcdServer, startEtcd } from "../../../src/sandbox/etcd/server.js";
import { openSandboxTopo } from "../../../src/sandbox/topo.js";
import { Mirror } from "../../../src/sandbox/vtgate/mirror.js";

const servers: EtcdServer[] = [];
const mirrors: Mirror[] = [];

afterEach(async () => {
  for (const mirror of mirrors.splice(0)) mirror.close();
  for (const server of servers.splice(0)) await server.close();
});

async function start(port = 0): Promise<EtcdServer> {
  const server = await startEtcd({ port });
  servers.push(server);
  return server;
}

async function put(server: EtcdServer, root: string, name: string): Promise<void> {
  const topo = openSandboxTopo({ server: server.endpoint, root });
  await topo.put("topodata.CellInfo", name, { root: name });
  topo.close();
}

async function open(server: EtcdServer, onChange: (path: string) => void = () => {}): Promise<Mirror> {
  const mirror = await Mirror.open({ server: server.endpoint, root: "/vitess/zx" }, undefined, onChange);
  mirrors.push(mirror);
  return mirror;
}

describe("Mirror", () => {
  it("has what was there, and follows what changes below its root only", async () => {
    const server = await start();
    await put(server, "/vitess/zx", "dir/a");
    await put(server, "/vitess/zxy", "dir/other");
    const changes: string[] = [];
    const mirror = await open(server, (path) => changes.push(path));
    expect(mirror.below("dir")).toHaveLength(1);
    await put(server, "/vitess/zx", "dir/b");
    await vi.waitFor(() => expect(mirror.below("dir")).toHaveLength(2));
    const topo = openSandboxTopo({ server: server.endpoint, root: "/vitess/zx" });
    await topo.delete("dir/a");
    topo.close();
    await vi.waitFor(() => expect(mirror.get("dir/a")).toBeUndefined());
    expect(changes).toEqual(["dir/b", "dir/a"]);
  });

  it("reads everything again when the server was away", async () => {
    const server = await start();
    await put(server, "/vitess/zx", "old");
    const changes: string[] = [];
    const mirror = await open(server, (path) => changes.push(path));
    await server.close();
    await put(await start(server.port), "/vitess/zx", "new");
    await vi.waitFor(() => expect(mirror.get("new")).toBeDefined(), { timeout: 20_000 });
    expect(mirror.get("old")).toBeUndefined();
    expect(changes).toContain("old");
    expect(changes).toContain("new");
  });

  it("refuses a server that isn't there, within its time", async () => {
    const server = await start();
    await server.close();
    const begun = Date.now();
    await expect(open(server)).rejects.toThrow();
    expect(Date.now() - begun).toBeLessThan(6_000);
  });
});
