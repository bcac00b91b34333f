import { NoNodeError, openSandboxTopo, type SandboxTopo } from "../topo.js";

/**
 * The mount's topology, from the tablet's own; it must answer at once (topo/external_vitess_cluster.go). The process's
 * certificates serve for it too.
 */
export async function openMount(topo: SandboxTopo, name: string): Promise<SandboxTopo> {
  const record = await topo.get("topodata.ExternalVitessCluster", `ExternalClusters/vitess/${name}`).catch((error) => {
    throw error instanceof NoNodeError ? new Error(`no vitess cluster found with name ${name}`) : error;
  });
  const config = record.topo_config;
  if (config?.topo_type !== "etcd2") throw new Error(`no topology implementation named ${config?.topo_type ?? ""}`);
  const mounted = openSandboxTopo({ server: config.server, root: config.root }, topo.tls);
  try {
    await mounted.list("cells");
    return mounted;
  } catch {
    mounted.close();
    throw new Error("context deadline exceeded");
  }
}
