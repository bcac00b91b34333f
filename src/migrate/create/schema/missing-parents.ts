import type { ForeignKey } from "../../../schema/foreign-keys.js";
import { quoteIdentifierIfNeeded } from "../../../wire/sql.js";
import type { ShardTables, WantedTable } from "./existing-tables.js";
import { byPlaces } from "./places.js";

/**
 * Foreign keys of tables that will be created, to tables that are neither copied nor there, a sentence each. With
 * foreign_key_checks off MySQL creates them, and later refuses every row that refers to something.
 */
export function missingParents(wanted: WantedTable[], shards: ShardTables[]): string[] {
  const copied = new Set(wanted.map(({ definition }) => definition.name));
  const findings = shards.flatMap(({ target, all, existing }) => {
    const { keyspace, name } = target.shard;
    const there = new Set(existing);
    const isFound = (key: ForeignKey) =>
      key.parentDatabase === undefined && (copied.has(key.parentTable) || all.has(key.parentTable));
    return wanted
      .filter(({ definition }) => !there.has(definition.name))
      .flatMap(({ definition, parts }) =>
        parts.foreignKeys
          .filter((key) => !isFound(key))
          .map((key) => ({ place: `${keyspace}/${name}`, text: sentence(definition.name, key) })),
      );
  });
  return byPlaces(findings).flatMap(({ places, texts }) => texts.map((text) => `${text} ${places}: ${CONSEQUENCE}`));
}

const CONSEQUENCE = "writes that refer to it will fail there, unless it is migrated too or -drop_foreign_keys is given";

function sentence(table: string, key: ForeignKey): string {
  const parts = [...(key.parentDatabase === undefined ? [] : [key.parentDatabase]), key.parentTable];
  const parent = parts.map(quoteIdentifierIfNeeded).join(".");
  return `Foreign key ${key.name} of ${table} refers to ${parent}, which is neither copied nor in target`;
}
