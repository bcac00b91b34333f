/**
 * Tables of the tablet's own keyspace, vindexes of every keyspace of its cluster
 * (go/vt/vttablet/tabletserver/vstreamer/local_vschema.go, go/vt/vtgate/vindexes/vschema.go).
 */
import { status } from "@grpc/grpc-js";
import { TabletError } from "../errors.js";
import type { VersionProfile } from "../profiles.js";
import { columnsOf, createVindex, type SrvVSchema, type Vindex } from "./vindex.js";

export interface ColumnVindex {
  vindex: Vindex;
  columns: string[];
}

interface Keyspace {
  explicitRouting: boolean;
  vindexes: Map<string, Vindex>;
  /** By table, in the VSchema's order. */
  tables: Map<string, ColumnVindex[]>;
}

type KeyspaceVSchema = SrvVSchema["keyspaces"][string];
type TableVSchema = KeyspaceVSchema["tables"][string];

export class LocalVSchema {
  readonly #keyspaces: Map<string, Keyspace>;

  /** `keyspace` is the tablet's; `vschema` is undefined where its cell has none. */
  constructor(
    readonly profile: VersionProfile,
    readonly keyspace: string,
    vschema: SrvVSchema | undefined,
  ) {
    const entries = Object.entries(vschema?.keyspaces ?? {});
    this.#keyspaces = new Map(entries.map(([name, entry]) => [name, buildKeyspace(profile, entry)]));
  }

  /**
   * in_keyrange's second last argument: "keyspace.vindex"; or a bare name, which is looked for in every keyspace
   * and, when none has it, taken for a vindex type.
   */
  findOrCreateVindex(reference: string): Vindex {
    const parts = reference.split(".");
    const [first = "", second] = parts;
    if (parts.length > 2) throw new Error(`invalid vindex name: ${reference}`);
    const [keyspace, name] = second === undefined ? ["", first] : [first, second];
    if (keyspace === "") return this.#uniqueVindex(name) ?? createVindex(this.profile, name, name, {});
    const found = this.#keyspaces.get(keyspace);
    if (found === undefined) throw this.#unknownDatabase(keyspace);
    const vindex = found.vindexes.get(name);
    if (vindex === undefined) throw new Error(`vindex ${reference} not found`);
    return vindex;
  }

  /** The table's cheapest vindex that is unique and no lookup; of equals the first. */
  findBestColumnVindex(table: string): ColumnVindex {
    const own = this.#keyspaces.get(this.keyspace);
    if (own === undefined) throw new Error(`keyspace ${this.keyspace} not found in vschema`);
    const vindexes = own.tables.get(table);
    if (vindexes === undefined) throw new Error(`table ${table} not found`);
    if (vindexes.length === 0) throw this.#coded(status.INVALID_ARGUMENT, `table ${table} has no vindex`);
    const usable = vindexes.filter(({ vindex }) => vindex.unique && !vindex.needsCursor);
    const [first, ...others] = usable;
    if (first === undefined) {
      throw this.#coded(status.NOT_FOUND, `could not find a vindex to compute keyspace id for table ${table}`);
    }
    return others.reduce((best, other) => (other.vindex.cost < best.vindex.cost ? other : best), first);
  }

  #uniqueVindex(name: string): Vindex | undefined {
    const found = [...this.#keyspaces.values()]
      .filter(({ explicitRouting }) => !explicitRouting)
      .flatMap(({ vindexes }) => vindexes.get(name) ?? []);
    if (found.length > 1) throw this.#coded(status.FAILED_PRECONDITION, `ambiguous vindex reference: ${name}`);
    return found[0];
  }

  #unknownDatabase(keyspace: string): Error {
    const text = this.profile.streams.errorCodes ? "VT05003: unknown database" : "Unknown database";
    return new TabletError(status.NOT_FOUND, `${text} '${keyspace}' in vschema`);
  }

  #coded(code: status, message: string): Error {
    return this.profile.streams.errorCodes ? new TabletError(code, message) : new Error(message);
  }
}

/**
 * What doesn't build ends the building of its keyspace. Vitess goes through its entries in random order; here those
 * that come before it in the alphabet are there.
 */
function buildKeyspace(profile: VersionProfile, entry: KeyspaceVSchema): Keyspace {
  const keyspace: Keyspace = {
    explicitRouting: entry.require_explicit_routing,
    vindexes: new Map(),
    tables: new Map(),
  };
  try {
    for (const [name, { type, params }] of alphabetically(entry.vindexes)) {
      keyspace.vindexes.set(name, createVindex(profile, type, name, params));
    }
    for (const [name, table] of alphabetically(entry.tables)) {
      keyspace.tables.set(name, buildTable(profile, entry, keyspace.vindexes, table, name));
    }
  } catch {
    // Vitess keeps the error for vtgate's pages; streams see only that something is missing.
  }
  return keyspace;
}

function alphabetically<T>(entries: Record<string, T>): [string, T][] {
  return Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Throws for a table that vschema.go's buildTables refuses. */
function buildTable(
  profile: VersionProfile,
  keyspace: KeyspaceVSchema,
  vindexes: Map<string, Vindex>,
  table: TableVSchema,
  name: string,
): ColumnVindex[] {
  if (!["", "sequence", "reference"].includes(table.type)) throw new Error(`unidentified table type ${table.type}`);
  if (table.type === "sequence" && keyspace.sharded && table.pinned === "") {
    throw new Error(`sequence table has to be in an unsharded keyspace or must be pinned: ${name}`);
  }
  const unplaced = table.type !== "reference" && table.pinned === "" && table.column_vindexes.length === 0;
  if (keyspace.sharded && unplaced) throw new Error(`missing primary col vindex for table: ${name}`);
  return table.column_vindexes.map((entry, i) => {
    const vindex = vindexes.get(entry.name);
    if (vindex === undefined) throw new Error(`vindex ${entry.name} not found for table ${name}`);
    if ((entry.column === "") === (entry.columns.length === 0))
      throw new Error("must specify either column or columns");
    const owned = vindex.needsCursor && keyspace.vindexes[entry.name]?.owner === name;
    if (i === 0 && (!vindex.unique || owned)) throw new Error(`primary vindex ${entry.name} is not usable`);
    if (i > 0 && vindex.multiColumn && profile.vindexes.multicol) {
      throw new Error(`multi-column vindex ${entry.name} should be a primary vindex for table ${name}`);
    }
    return { vindex, columns: columnsOf(entry) };
  });
}
