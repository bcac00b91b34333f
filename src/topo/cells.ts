import { pathElement } from "./names.js";
import { type ConnOptions, openConn } from "./open-conn.js";
import type { Conn, Topo, TopoConfig } from "./port.js";
import { decodeFile } from "./stored.js";

export type Cells = Pick<Topo, "cells" | "cellInfo" | "cellAliases" | "cell">;

interface OpenCell {
  serverAddress: string;
  root: string;
  conn: Promise<Conn>;
}

/**
 * The cells of a cluster and the connections to their topologies, which are opened on first use: a cell that is down
 * is met by those only who ask for it. They use the plugin of the global topology (go/vt/topo/server.go, ConnForCell).
 */
export class CellRecords implements Cells {
  private readonly open = new Map<string, OpenCell>();

  constructor(
    private readonly global: Conn,
    private readonly config: TopoConfig,
    private readonly options: ConnOptions,
  ) {}

  cells(): Promise<string[]> {
    return this.global.listDir("cells");
  }

  cellAliases(): Promise<string[]> {
    return this.global.listDir("cells_aliases");
  }

  async cellInfo(cell: string): Promise<{ serverAddress: string; root: string }> {
    const info = decodeFile("topodata.CellInfo", await this.global.get(`cells/${pathElement("cell", cell)}/CellInfo`));
    return { serverAddress: info.server_address, root: info.root };
  }

  /** CellInfo is read each time, as Vitess does: an address that was changed is used from the next call on. */
  async cell(cell: string): Promise<Conn> {
    const { serverAddress, root } = await this.cellInfo(cell);
    const known = this.open.get(cell);
    if (known?.serverAddress === serverAddress && known.root === root) return known.conn;
    const conn = openConn({ type: this.config.type, server: serverAddress, root }, this.options);
    this.open.set(cell, { serverAddress, root, conn });
    // Who uses the old address now may still be at it.
    conn.catch(() => this.forget(cell, conn));
    return conn;
  }

  close(): void {
    for (const { conn } of this.open.values()) {
      conn.then(
        (opened) => opened.close(),
        () => undefined,
      );
    }
    this.open.clear();
  }

  /** A failure is not remembered: the cell may be back. */
  private forget(cell: string, conn: Promise<Conn>): void {
    if (this.open.get(cell)?.conn === conn) this.open.delete(cell);
  }
}
