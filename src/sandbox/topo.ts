/**
 * As much of a topology client as tablets and vtgates need: files below a root, over etcd3 and a socket.
 * Keys are joined as Vitess joins them (go/vt/topo/etcd2topo): root, slash, path.
 */
import { Etcd3 } from "etcd3";
import type { Tls } from "../net/security.js";
import { decode, encode, type MessageInput, type MessageName, type MessageOutput } from "../wire/proto.js";
import { etcdConnection } from "./etcd-connection.js";
import { type LockRequest, lockDirectory, type TopoLock } from "./topo-lock.js";

/** A server address ("host:port[,host:port]") and a root, as in a vttablet's --topo_global_* flags. */
export interface TopoAddress {
  server: string;
  root: string;
}

export class NoNodeError extends Error {
  constructor(path: string) {
    super(`node doesn't exist: ${path}`);
    this.name = "NoNodeError";
  }
}

export interface SandboxTopo {
  readonly address: TopoAddress;
  /** Undefined: in the clear. */
  readonly tls: Tls | undefined;
  /** NoNodeError when it is absent. */
  get<Name extends MessageName>(name: Name, path: string): Promise<MessageOutput<Name>>;
  put<Name extends MessageName>(name: Name, path: string, value: MessageInput<Name>): Promise<void>;
  /** Reads, changes and writes as a compare-and-swap until it succeeds; `change` gets undefined for an absent file. */
  update<Name extends MessageName>(
    name: Name,
    path: string,
    change: (value: MessageOutput<Name> | undefined) => MessageInput<Name>,
  ): Promise<void>;
  /** Names directly below a directory, sorted. */
  list(dir: string): Promise<string[]>;
  delete(path: string): Promise<void>;
  /** Waits for the lock of a directory, which need not exist. */
  lock(dir: string, request: LockRequest): Promise<TopoLock>;
  /** The topology of a cell, found through its CellInfo; it is closed together with this one. */
  cell(name: string): Promise<SandboxTopo>;
  close(): void;
}

const REQUEST_MS = 5_000;
const UPDATE_ATTEMPTS = 20;

/**
 * Opens lazily: the first request connects. Every request has a deadline of 5 s. `tls` is the process's: cells and mounts
 * are opened with the same.
 */
export function openSandboxTopo(address: TopoAddress, tls?: Tls): SandboxTopo {
  const etcd = new Etcd3({
    ...etcdConnection(address.server, tls),
    defaultCallOptions: (context) => (context.isStream ? {} : { deadline: Date.now() + REQUEST_MS }),
  });
  const cells = new Map<string, Promise<SandboxTopo>>();
  const key = (path: string) => join(address.root, path);

  const read = async (path: string) => {
    const response = await etcd.get(key(path)).exec();
    return response.kvs[0];
  };

  const topo: SandboxTopo = {
    address,
    tls,
    async get(name, path) {
      const file = await read(path);
      if (file === undefined) throw new NoNodeError(key(path));
      return decode(name, file.value);
    },
    async put(name, path, value) {
      await etcd.put(key(path)).value(encode(name, value));
    },
    async update(name, path, change) {
      for (let attempt = 0; attempt < UPDATE_ATTEMPTS; attempt++) {
        const file = await read(path);
        const value = encode(name, change(file === undefined ? undefined : decode(name, file.value)));
        const result = await etcd
          .if(key(path), "Mod", "==", file?.mod_revision ?? 0)
          .then(etcd.put(key(path)).value(value))
          .commit();
        if (result.succeeded) return;
      }
      throw new Error(`bad node version: ${key(path)}`);
    },
    async list(dir) {
      const prefix = `${key(dir)}/`;
      const keys = await etcd.getAll().prefix(prefix).keys();
      return [...new Set(keys.map((found) => found.slice(prefix.length).split("/")[0] ?? ""))].sort();
    },
    async delete(path) {
      await etcd.delete().key(key(path));
    },
    lock: (dir, request) => lockDirectory(etcd, key(dir), request),
    cell(name) {
      let cell = cells.get(name);
      if (cell === undefined) {
        cell = topo
          .get("topodata.CellInfo", `cells/${name}/CellInfo`)
          .then((info) => openSandboxTopo({ server: info.server_address, root: info.root }, tls));
        cells.set(name, cell);
        // A cell that is missing now may be there at the next try.
        cell.catch(() => cells.delete(name));
      }
      return cell;
    },
    close() {
      for (const cell of cells.values()) cell.then((opened) => opened.close()).catch(() => {});
      etcd.close();
    },
  };
  return topo;
}

/** Go's path.Join: double slashes collapse, a leading slash stays if the root has one. */
function join(root: string, path: string): string {
  return `${root}/${path}`.replace(/\/+/g, "/").replace(/(.)\/$/, "$1");
}

/** "zone1-0000000100" */
export function formatAlias(alias: { cell: string; uid: number }): string {
  return `${alias.cell}-${String(alias.uid).padStart(10, "0")}`;
}
