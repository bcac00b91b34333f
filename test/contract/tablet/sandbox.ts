/** The sandbox's tablets of one version, as a place for the tablet contract. */
import { type ProfileName, profiles } from "../../../src/sandbox/tablet/profiles.js";
import type { SandboxTablet } from "../../../src/sandbox/tablet/tablet.js";
import { openTopo } from "../../../src/topo/topo.js";
import { records } from "../../../src/wire/result.js";
import { type Cluster, startPair } from "../../unit/sandbox-tablet/clusters.js";
import type { TabletsUnderTest } from "./place.js";

export const releases: Record<ProfileName, number> = { v11: 11, v14: 14, v16: 16, v18: 18, v22: 22, main: 23 };

export async function startSandboxTablets(version: ProfileName): Promise<TabletsUnderTest> {
  // Rows are counted as seldom as on real tablets.
  const pair = await startPair(profiles[version], "", { rowsCopiedMs: 30_000 });
  const record = async (cluster: Cluster, { alias }: SandboxTablet) => {
    const topo = await openTopo(config(cluster));
    try {
      return await topo.tablet(alias);
    } finally {
      topo.close();
    }
  };
  const primaries = { source: pair.sourcePrimary, target: pair.targetPrimary };
  return {
    release: releases[version],
    server: "mysql",
    source: {
      topo: config(pair.source),
      primary: await record(pair.source, pair.sourcePrimary),
      replica: await record(pair.source, pair.sourceReplica),
    },
    target: { topo: config(pair.target), primary: await record(pair.target, pair.targetPrimary) },
    mount: "ext1",
    async sql(side, script) {
      const { mysql, dbName } = primaries[side];
      const session = mysql.session({ database: dbName });
      try {
        const last = session.executeScript(script).at(-1);
        return last === undefined ? [] : records(last);
      } finally {
        session.close();
      }
    },
    close: () => pair.stop(),
  };
}

const config = ({ address }: Cluster) => ({ type: "etcd2", ...address });
