import {
  AuthError,
  ConflictError,
  type ErrorDetails,
  NotFoundError,
  UnreachableError,
  type VtmigrateError,
} from "../errors.js";
import { encode } from "../wire/proto.js";
import { pathElement } from "./names.js";
import type { Conn, Topo, TopoConfig } from "./port.js";
import { decodeFile } from "./stored.js";

export type Mounts = Pick<Topo, "mounts" | "mount" | "createMount" | "deleteMount" | "openMount" | "mountsItself">;

const DIRECTORY = "ExternalClusters/vitess";

/** External Vitess clusters (go/vt/topo/external_vitess_cluster.go). The name is the last element of the path. */
export class MountRecords implements Mounts {
  private readonly open = new Map<string, Promise<Topo>>();

  constructor(
    private readonly global: Conn,
    private readonly openTopo: (name: string, config: TopoConfig) => Promise<Topo>,
  ) {}

  mounts(): Promise<string[]> {
    return this.global.listDir(DIRECTORY);
  }

  mount(name: string): Promise<TopoConfig> {
    return this.read(name, `there is no vitess cluster named ${name}`);
  }

  async createMount(name: string, config: TopoConfig): Promise<void> {
    const topo_config = { topo_type: config.type, server: config.server, root: config.root };
    try {
      await this.global.create(mountPath(name), encode("topodata.ExternalVitessCluster", { topo_config }));
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      throw new ConflictError(`there is already a vitess cluster named ${name}`, { cause: error });
    }
  }

  async deleteMount(name: string): Promise<void> {
    try {
      await this.global.delete(mountPath(name));
    } catch (error) {
      throw notFoundAs(error, `there is no vitess cluster named ${name}`);
    }
  }

  /** One topology per name for as long as this one is open; a failure is not remembered. */
  openMount(name: string): Promise<Topo> {
    const known = this.open.get(name);
    if (known !== undefined) return known;
    const topo = this.read(name, `no vitess cluster found with name ${name}`)
      .catch((error) => this.withMounts(error))
      .then((config) => this.openTopo(name, config))
      .catch((error) => {
        throw ofMount(name, error);
      });
    this.open.set(name, topo);
    topo.catch(() => this.open.delete(name));
    return topo;
  }

  /**
   * The same etcd cluster and the same root are not enough, as ids are shared: the mount's own record must be there
   * too, written by the same write.
   */
  async mountsItself(name: string, signal?: AbortSignal): Promise<boolean> {
    const { global } = await this.openMount(name);
    const [here, there] = await Promise.all([this.global.identity(signal), global.identity(signal)]);
    if (here.clusterId !== there.clusterId || here.root !== there.root) return false;
    const path = mountPath(name);
    const record = await this.global.get(path, signal);
    try {
      const twin = await global.get(path, signal);
      return twin.version === record.version && twin.contents.equals(record.contents);
    } catch (error) {
      if (error instanceof NotFoundError) return false;
      throw error;
    }
  }

  close(): void {
    for (const topo of this.open.values()) {
      topo.then(
        (opened) => opened.close(),
        () => undefined,
      );
    }
    this.open.clear();
  }

  /** Adds to "not found" what there is. */
  private async withMounts(error: unknown): Promise<never> {
    if (!(error instanceof NotFoundError)) throw error;
    const names = await this.mounts();
    const hint = names.length > 0 ? `Mounted: ${names.join(", ")}.` : "Nothing is mounted: begin with Mount.";
    throw new NotFoundError(error.message, { hint, cause: error });
  }

  private async read(name: string, notFound: string): Promise<TopoConfig> {
    try {
      const file = await this.global.get(mountPath(name));
      const config = decodeFile("topodata.ExternalVitessCluster", file).topo_config;
      return { type: config?.topo_type ?? "", server: config?.server ?? "", root: config?.root ?? "" };
    } catch (error) {
      throw notFoundAs(error, notFound);
    }
  }
}

/** Its key below the target's global root. */
export function mountPath(name: string): string {
  return `${DIRECTORY}/${pathElement("vitess cluster", name)}`;
}

/** There are two clusters: a connection that could not be had names the one that it was to. */
function ofMount(name: string, error: unknown): unknown {
  const message = `mount ${name}: ${error instanceof Error ? error.message : ""}`;
  if (error instanceof UnreachableError) return new UnreachableError(message, { ...at(error), cause: error });
  if (error instanceof AuthError) return new AuthError(message, { ...at(error), cause: error });
  return error;
}

function at({ hint, at }: VtmigrateError): ErrorDetails {
  return { hint, at };
}

function notFoundAs(error: unknown, message: string): unknown {
  return error instanceof NotFoundError ? new NotFoundError(message, { cause: error }) : error;
}
