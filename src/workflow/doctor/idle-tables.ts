import { quoteIdentifier } from "../../wire/sql.js";
import type { Target } from "../targets.js";
import type { Finding } from "./finding.js";
import { nameTables } from "./names.js";
import type { Scene } from "./scene.js";

/**
 * Tables that nothing fills and nothing routes to: what a Cancel with -keep_data or a deleted workflow leaves. A keyspace
 * whose VSchema names no table at all is used without one, and tells nothing.
 */
export function idleTables(scene: Scene): Finding[] {
  const { sharded, tables: entries } = scene.vschema;
  if (scene.silent.length > 0 || (!sharded && entries.size === 0)) return [];
  const places = scene.targets
    .map((target) => ({ target, tables: idleOn(scene, target) }))
    .filter(({ tables }) => tables.length > 0);
  if (places.length === 0) return [];
  return [
    {
      kind: "table_without_streams",
      what: `nothing fills these tables of ${scene.keyspace}, and its VSchema doesn't name them: ${nameTables(places)}`,
      sure: "guessed",
      because: sharded
        ? "no query of an application is routed to them, but somebody may keep them for a reason"
        : "an unsharded keyspace may be used by tables that its VSchema doesn't name",
      advice: "Announce them with ApplyVSchema if they are needed. If nobody needs them:",
      cleanUp: places.flatMap(({ target, tables }) => dropTables(target, tables)),
    },
  ];
}

function idleOn(scene: Scene, target: Target): string[] {
  const named = new Set([...scene.records.values()].flatMap(({ record }) => record.tables));
  const rules = scene.workflows.flatMap(({ streams }) =>
    streams.flatMap(({ source }) => source.filter.rules.map(({ match }) => match)),
  );
  // A regular expression may match any table.
  if (scene.unreadable.length > 0 || rules.some((match) => match.startsWith("/"))) return [];
  const explained = new Set([...named, ...rules, ...scene.vschema.tables, ...scene.movedAway]);
  const there = scene.schemas.get(target)?.table_definitions.map(({ name }) => name) ?? [];
  return there.filter((table) => !explained.has(table) && !isVitessOwn(table)).sort();
}

/** Tables of Online DDL and of Vitess's garbage collection; they come and go by themselves (go/vt/schema/name.go). */
function isVitessOwn(table: string): boolean {
  return table.startsWith("_vt_") || /^_.*_(gho|ghc|del|new|vrepl|old)$/.test(table);
}

function dropTables({ primary: { record } }: Target, tables: readonly string[]): Finding["cleanUp"] {
  const names = tables.map((table) => `${quoteIdentifier(record.dbName)}.${quoteIdentifier(table)}`);
  return [{ by: "sql", on: record.alias, command: `drop table ${names.join(", ")};` }];
}
