/** Changes to tablets' records. */
import type { Topo } from "../../src/topo/port.js";
import { decode, encode } from "../../src/wire/proto.js";
import type { Lab } from "./lab.js";

/** Lets a tablet's record, the target's or another topology's, name another gRPC port; the result puts it back. */
export async function moveTablet(
  lab: Lab,
  alias: string,
  port: number,
  topo: Topo = lab.topo,
): Promise<() => Promise<void>> {
  const conn = await topo.cell(alias.slice(0, alias.lastIndexOf("-")));
  const path = `tablets/${alias}/Tablet`;
  const { contents } = await conn.get(path);
  const record = decode("topodata.Tablet", contents);
  const moved = encode("topodata.Tablet", { ...record, port_map: { ...record.port_map, grpc: port } });
  await conn.update(path, moved, undefined);
  return async () => {
    await conn.update(path, contents, undefined);
  };
}
