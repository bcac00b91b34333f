import { decode, type MessageOutput } from "../../wire/proto.js";
import { SqlError, tableNotFound, unknownDatabase } from "./errors.js";
import { type Placement, placementOf } from "./sharding/placement.js";

type Keyspace = MessageOutput<"vschema.Keyspace">;

/**
 * Where tables are, by a cell's SrvVSchema (go/vt/vtgate/vindexes/vschema.go). Table names are case
 * sensitive, as Vitess's are.
 */
export class Vschema {
  readonly #keyspaces: ReadonlyMap<string, Keyspace>;
  readonly #rules: ReadonlyMap<string, string[]>;

  /** `srvVschema` is the file's bytes; undefined when the cell has none yet. */
  constructor(srvVschema: Uint8Array | undefined) {
    const message = srvVschema === undefined ? undefined : decode("vschema.SrvVSchema", srvVschema);
    this.#keyspaces = new Map(Object.entries(message?.keyspaces ?? {}));
    this.#rules = new Map(message?.routing_rules?.rules.map((rule) => [rule.from_table, rule.to_tables]) ?? []);
  }

  /** Sorted by name. */
  get keyspaces(): string[] {
    return [...this.#keyspaces.keys()].sort();
  }

  has(keyspace: string): boolean {
    return this.#keyspaces.has(keyspace);
  }

  /** Listed tables, sorted by name. */
  tables(keyspace: string): string[] {
    return Object.keys(this.#keyspaces.get(keyspace)?.tables ?? {}).sort();
  }

  isSharded(keyspace: string): boolean {
    return this.#keyspaces.get(keyspace)?.sharded ?? false;
  }

  /** Where a table of this name has its rows. Throws SqlError for one that the VSchema can't place. */
  placement(keyspace: string, table: string): Placement {
    const found = this.#keyspaces.get(keyspace);
    return found === undefined ? { kind: "single" } : placementOf(found, table);
  }

  /**
   * The keyspace of a table. A named keyspace that isn't sharded serves tables that its VSchema doesn't
   * list, too; without one the table must be listed in one keyspace only, or there is only one keyspace.
   * Throws SqlError: unknown keyspace, unknown table, ambiguous table.
   */
  resolve(keyspace: string, table: string): { keyspace: string; table: string } {
    const routed = this.#rules.get(keyspace === "" ? table : `${keyspace}.${table}`);
    if (routed !== undefined) return this.#follow(table, routed);
    if (keyspace === "") return { keyspace: this.#globalTable(table), table };
    const found = this.#keyspaces.get(keyspace);
    if (found === undefined) throw unknownDatabase(keyspace);
    if (found.sharded && found.tables[table] === undefined) throw tableNotFound(table);
    return { keyspace, table };
  }

  #follow(table: string, to: string[]): { keyspace: string; table: string } {
    const [first] = to;
    if (first === undefined) throw new SqlError(1105, "HY000", `table ${table} has been disabled`);
    const dot = first.indexOf(".");
    return { keyspace: first.slice(0, dot), table: first.slice(dot + 1) };
  }

  #globalTable(table: string): string {
    const listed = [...this.#keyspaces].filter(
      ([, keyspace]) => !keyspace.require_explicit_routing && keyspace.tables[table] !== undefined,
    );
    if (listed.length > 1) throw new SqlError(1105, "HY000", `ambiguous table reference: ${table}`);
    if (listed[0] !== undefined) return listed[0][0];
    const [only] = [...this.#keyspaces];
    if (this.#keyspaces.size !== 1 || only === undefined || only[1].sharded) throw tableNotFound(table);
    return only[0];
  }
}
