import type { EtcdSecurity } from "../net/security.js";
import { CellRecords, type Cells } from "./cells.js";
import { keyspacePath, keyspaceRecords } from "./keyspaces.js";
import { MountRecords, type Mounts } from "./mounts.js";
import { pathElement } from "./names.js";
import { type ConnOptions, openConn } from "./open-conn.js";
import type { Conn, Topo, TopoConfig } from "./port.js";
import { srvVSchemaRecords } from "./srv-vschema.js";
import { tabletRecords, type UnreachableCell } from "./tablets.js";
import { vschemaRecords } from "./vschema.js";
import { workflowRecords } from "./workflow-records.js";

export interface TopoOptions extends ConnOptions {
  /** The name under which this cluster is mounted; empty, the default, for the target's own. */
  mount?: string;
  /** How the etcds of a mounted cluster are spoken to, by the mount's name and record. Default: in the clear. */
  securityOfMount?: (mount: string, config: TopoConfig) => Promise<EtcdSecurity>;
  /** Told of a cell that was left out of a shard's tablets because its topology did not answer. */
  onUnreachableCell?: UnreachableCell;
}

/**
 * Opens a cluster's global topology; cells and mounted clusters are opened when they are asked for, cells with the same
 * security: Vitess has one set of TLS flags for all of them (go/vt/topo/etcd2topo/server.go). Errors as `openConn`.
 */
export async function openTopo(config: TopoConfig, given: TopoOptions = {}): Promise<Topo> {
  const options = { ...given, security: encryptedLogin(config, given.security) };
  const global = await openConn(config, options);
  // The signal was for this opening; what is opened later may be part of putting things back.
  const { signal: _, ...later } = options;
  const cells = new CellRecords(global, config, later);
  const mounts = new MountRecords(global, async (mount, mounted) => {
    const security = await later.securityOfMount?.(mount, mounted);
    return openTopo(mounted, { ...later, mount, security });
  });
  return {
    description: global.description,
    global,
    ...cellMethods(cells),
    ...keyspaceRecords(global),
    ...tabletRecords(cells, options.mount ?? "", options.onUnreachableCell),
    ...vschemaRecords(global),
    ...srvVSchemaRecords(global, cells),
    ...mountMethods(mounts),
    ...workflowRecords(global),
    ...locks(global),
    close() {
      cells.close();
      mounts.close();
      global.close();
    },
  };
}

/** Where TLS was asked for by one address, a password goes to no other one, and to no cell, without it. */
function encryptedLogin({ server }: TopoConfig, security: EtcdSecurity = {}): EtcdSecurity {
  const { login, tls } = security;
  return login !== undefined && tls === undefined && server.includes("https://") ? { login, tls: {} } : security;
}

/** Named locks: go/vt/topo/named_lock.go, v22; `name` may have several elements, "commerce/wf". */
function locks(global: Conn): Pick<Topo, "lockKeyspace" | "lockName"> {
  return {
    lockKeyspace: async (keyspace, request) => global.lock(keyspacePath(keyspace), request),
    async lockName(name, request) {
      const path = name.split("/").map((element) => pathElement("lock", element));
      return global.lock(`internal/named_locks/${path.join("/")}`, { ...request, allowMissingDir: true });
    },
  };
}

function cellMethods(cells: CellRecords): Cells {
  return {
    cells: () => cells.cells(),
    cellInfo: (cell) => cells.cellInfo(cell),
    cellAliases: () => cells.cellAliases(),
    cell: (cell) => cells.cell(cell),
  };
}

function mountMethods(mounts: MountRecords): Mounts {
  return {
    mounts: () => mounts.mounts(),
    mount: (name) => mounts.mount(name),
    createMount: (name, config) => mounts.createMount(name, config),
    deleteMount: (name) => mounts.deleteMount(name),
    openMount: (name) => mounts.openMount(name),
    mountsItself: (name, signal) => mounts.mountsItself(name, signal),
  };
}
