import { mapEntry, mapEntryKey } from "../wire/fields.js";
import { editFile } from "./cas.js";
import { keyspacePath } from "./keyspaces.js";
import type { Conn, Topo } from "./port.js";
import { fieldsOf } from "./stored.js";

export type VSchemaRecords = Pick<Topo, "vschema" | "saveVSchema" | "addVSchemaTables" | "removeVSchemaTables">;

/** vschema.Keyspace.tables, a map from name to Table. */
const TABLES = 3;

/**
 * Keyspaces' VSchemas in the global topology (go/vt/topo/vschema.go). Entries are added and removed in the stored
 * bytes, so that what a newer Vitess has put there stays; a VSchema that doesn't exist counts as empty.
 */
export function vschemaRecords(global: Conn): VSchemaRecords {
  return {
    async vschema(keyspace) {
      const { contents, version } = await global.get(vschemaPath(keyspace));
      return { contents, version };
    },

    saveVSchema: async (keyspace, contents, version) => global.update(vschemaPath(keyspace), contents, version),

    async addVSchemaTables(keyspace, tables, definitions = new Map()) {
      const path = vschemaPath(keyspace);
      let added: string[] = [];
      await editFile(global, path, (contents = Buffer.alloc(0)) => {
        const present = new Set(tableNames(path, contents));
        added = [...new Set(tables)].filter((table) => !present.has(table));
        if (added.length === 0) return undefined;
        const entries = added.map((table) => mapEntry(TABLES, table, definitions.get(table) ?? Buffer.alloc(0)));
        return Buffer.concat([contents, ...entries]);
      });
      return added;
    },

    async removeVSchemaTables(keyspace, tables) {
      const path = vschemaPath(keyspace);
      let removed: string[] = [];
      await editFile(global, path, (contents = Buffer.alloc(0)) => {
        const present = new Set(tableNames(path, contents));
        removed = [...new Set(tables)].filter((table) => present.has(table));
        return removed.length === 0 ? undefined : withoutTables(path, contents, new Set(removed));
      });
      return removed;
    },
  };
}

export function vschemaPath(keyspace: string): string {
  return `${keyspacePath(keyspace)}/VSchema`;
}

function tableNames(path: string, vschema: Buffer): string[] {
  return fieldsOf(path, vschema)
    .filter((field) => field.number === TABLES)
    .map(mapEntryKey);
}

function withoutTables(path: string, vschema: Buffer, tables: ReadonlySet<string>): Buffer {
  const kept = fieldsOf(path, vschema).filter((field) => field.number !== TABLES || !tables.has(mapEntryKey(field)));
  return Buffer.concat(kept.map((field) => field.raw));
}
