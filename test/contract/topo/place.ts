import { randomUUID } from "node:crypto";
import { Etcd3 } from "etcd3";
import { openEtcdConn } from "../../../src/topo/etcd/conn.js";
import type { Conn, Topo } from "../../../src/topo/port.js";
import { openTopo, type TopoOptions } from "../../../src/topo/topo.js";
import { encode } from "../../../src/wire/proto.js";

export interface EtcdUnderTest {
  /** "127.0.0.1:2379" */
  endpoint: string;
  close(): Promise<void> | void;
}

/** A part of the server's key space that no other test uses, and a client that is not ours to look at it. */
export class Place {
  readonly root = `/test-${randomUUID()}`;
  readonly globalRoot = `${this.root}/global`;
  readonly raw: Etcd3;
  private readonly open: { close(): void }[] = [];

  constructor(readonly server: string) {
    this.raw = new Etcd3({ hosts: server });
  }

  async conn(): Promise<Conn> {
    const conn = await openEtcdConn({ server: this.server, root: this.globalRoot });
    this.open.push(conn);
    return conn;
  }

  async topo(options: TopoOptions = {}): Promise<Topo> {
    const topo = await openTopo({ type: "etcd2", server: this.server, root: this.globalRoot }, options);
    this.open.push(topo);
    return topo;
  }

  /** Puts a value below this place's root, as somebody else's client would: "global/keyspaces/commerce/VSchema". */
  async put(path: string, value: string | Buffer): Promise<void> {
    await this.raw.put(`${this.root}/${path}`).value(value);
  }

  async read(path: string): Promise<Buffer | null> {
    return this.raw.get(`${this.root}/${path}`).buffer();
  }

  async addCell(cell: string, server = this.server): Promise<void> {
    const info = { server_address: server, root: `${this.root}/${cell}` };
    await this.put(`global/cells/${cell}/CellInfo`, encode("topodata.CellInfo", info));
  }

  close(): void {
    for (const one of this.open) one.close();
    this.raw.close();
  }
}

/** Resolves when `condition` holds; rejects after `ms`. */
export async function until(what: string, condition: () => Promise<boolean> | boolean, ms = 5_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
