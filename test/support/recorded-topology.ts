import { readFileSync } from "node:fs";
import { join } from "node:path";
import { openTopo } from "../../src/topo/topo.js";
import { decode, encode } from "../../src/wire/proto.js";

interface RecordedKey {
  key: string;
  value_base64: string;
}

/** Every key of a recorded cluster's etcd. */
export function recordedKeys(side: "source" | "target", version: string): RecordedKey[] {
  const file = join(import.meta.dirname, `../fixtures/recordings/topo-${side}-${version}.json`);
  return JSON.parse(readFileSync(file, "utf8"));
}

/**
 * Writes a recorded cluster's topology into the etcd of a test, global and cell alike. CellInfo is rewritten, as it says
 * where the cells are.
 */
export async function loadTopology(server: string, side: "source" | "target", version: string): Promise<void> {
  const { global, close } = await openTopo({ type: "etcd2", server, root: "/vitess" });
  for (const { key, value_base64 } of recordedKeys(side, version)) {
    const bytes = Buffer.from(value_base64, "base64");
    const here = { ...decode("topodata.CellInfo", bytes), server_address: server };
    const contents = key.endsWith("/CellInfo") ? encode("topodata.CellInfo", here) : bytes;
    await global.update(key.replace(/^\/vitess\//, ""), contents, undefined);
  }
  close();
}
