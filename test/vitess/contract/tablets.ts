import { splitScript } from "../../../src/sandbox/tablet/script.js";
import type { Side, TabletsUnderTest } from "../../contract/tablet/place.js";
import type { VitessLab } from "../lab.js";

/** The two clusters' `commerce` tablets, as a place for the tablet contract. */
export async function realTablets(lab: VitessLab): Promise<TabletsUnderTest> {
  await lab.clear();
  await lab.mount("ext1");
  const record = (side: Side, uid: number) => lab.with(side, (topo) => topo.tablet(lab.tablet(side, uid).alias));
  const config = (side: Side) => ({ type: "etcd2", server: lab[side].etcd, root: lab[side].topoRoot });
  return {
    release: lab.release,
    server: lab.installation.install.mariadb ? "mariadb" : "mysql",
    source: { topo: config("source"), primary: await record("source", 100), replica: await record("source", 101) },
    target: { topo: config("target"), primary: await record("target", 200) },
    mount: "ext1",
    sql: (side, script) => lab.sql(lab.primary(side, "commerce"), ...splitScript(script).map(({ sql }) => sql)),
    close: async () => {},
  };
}
