import { claimPort } from "./cluster/ports.js";
import { type ClusterShape, sourceShape, targetShape } from "./cluster/shape.js";
import { Stack } from "./cluster/stack.js";
import { type Cluster, type ClusterOptions, startCluster } from "./cluster/start-cluster.js";
import { commerceRows, commerceSchema } from "./commerce.js";
import type { ClusterSecurity } from "./security.js";
import type { ProfileName } from "./tablet/profiles.js";
import type { Timings } from "./tablet/state.js";

export interface SandboxOptions {
  /** 0 or absent: free ones. */
  ports?: { sourceEtcd?: number; targetEtcd?: number; sourceVtgate?: number; targetVtgate?: number };
  sourceProfile?: ProfileName;
  targetProfile?: ProfileName;
  /** Customers, and as many orders, in the source; the other tables have up to 100 rows. Default 100. */
  rows?: number;
  /** How far the source's replicas stay behind, in milliseconds. Default 0. */
  lagMs?: number;
  /** Of all tablets, where they shall differ from Vitess's own. */
  timings?: Partial<Timings>;
  /** What fills each of the source's keyspaces, instead of the commerce tables in the first one. */
  statements?: (keyspace: string) => Iterable<string>;
  /** Default: the shapes of cluster/shape.ts; its sourceCluster, targetCluster and clusterShape make others. */
  source?: ClusterShape;
  target?: ClusterShape;
  /** What is encrypted, and who is let in; see ClusterOptions. */
  sourceSecurity?: ClusterSecurity;
  targetSecurity?: ClusterSecurity;
  /** etcds that run already, in place of the sandbox's own. */
  etcds?: { source?: string; target?: string };
}

export interface Sandbox {
  readonly source: Cluster;
  readonly target: Cluster;
  /** Stops everything; a second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Two small Vitess clusters in this process, reached only through sockets on 127.0.0.1: the source with
 * the commerce tables and rows in its first keyspace, the target empty. Rejects with PortTakenError before
 * anything is started.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const ports = { sourceEtcd: 0, targetEtcd: 0, sourceVtgate: 0, targetVtgate: 0, ...options.ports };
  await claimPort(ports.sourceEtcd, "the source cluster's etcd");
  await claimPort(ports.targetEtcd, "the target cluster's etcd");
  await claimPort(ports.sourceVtgate, "the source cluster's vtgate");
  await claimPort(ports.targetVtgate, "the target cluster's vtgate");
  const timings = options.timings === undefined ? {} : { timings: options.timings };
  const stack = new Stack();
  try {
    const source = await startSource({
      shape: options.source ?? sourceShape,
      profile: options.sourceProfile ?? "v22",
      etcdPort: ports.sourceEtcd,
      vtgatePort: ports.sourceVtgate,
      lagMs: options.lagMs ?? 0,
      ...timings,
      ...(options.sourceSecurity && { security: options.sourceSecurity }),
      ...(options.etcds?.source && { etcd: options.etcds.source }),
      ...(options.rows === undefined ? {} : { rows: options.rows }),
      ...(options.statements === undefined ? {} : { statements: options.statements }),
    });
    stack.push(() => source.close());
    const target = await startCluster({
      name: "target cluster",
      shape: options.target ?? targetShape,
      profile: options.targetProfile ?? "v22",
      etcdPort: ports.targetEtcd,
      vtgatePort: ports.targetVtgate,
      lagMs: 0,
      ...timings,
      ...(options.targetSecurity && { security: options.targetSecurity }),
      ...(options.etcds?.target && { etcd: options.etcds.target }),
      load: () => [],
    });
    stack.push(() => target.close());
    return { source, target, close: () => stack.close() };
  } catch (error) {
    await stack.close();
    throw error;
  }
}

export type SourceOptions = Partial<Omit<ClusterOptions, "load">> & Pick<SandboxOptions, "rows" | "statements">;

/** One cluster with the commerce tables and rows in its first keyspace: for a mount beside the sandbox's own source. */
export function startSource(options: SourceOptions = {}): Promise<Cluster> {
  const { rows, statements, ...given } = options;
  const shape = options.shape ?? sourceShape;
  const load = statements ?? ((keyspace) => (keyspace === shape.keyspaces[0]?.name ? commerce(rows ?? 100) : []));
  return startCluster({
    name: "source cluster",
    profile: "v22",
    etcdPort: 0,
    vtgatePort: 0,
    lagMs: 0,
    ...given,
    shape,
    load,
  });
}

/** The commerce tables, filled. */
export function* commerce(rows: number): Generator<string> {
  yield* commerceSchema;
  yield* commerceRows(rows);
}
