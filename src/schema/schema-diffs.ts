/** A table or a view as a tablet describes it: the part of tabletmanagerdata.TableDefinition that is compared. */
interface Definition {
  name: string;
  /** CREATE TABLE, or CREATE VIEW. */
  schema: string;
  /** "BASE TABLE" or "VIEW". */
  type: string;
}

export interface NamedSchema {
  /** For the sentences: a tablet's alias. */
  name: string;
  database: string;
  tables: readonly Definition[];
}

/**
 * What is different between two tablets' schemas, a sentence each, in Vitess's words (go/vt/mysqlctl/tmutils/schema.go,
 * DiffSchema, v18): texts are compared as they are. Tables that `passOver` names count on neither side.
 */
export function schemaDiffs(left: NamedSchema, right: NamedSchema, passOver: (table: string) => boolean): string[] {
  const diffs: string[] = [];
  if (left.database !== right.database) {
    diffs.push(`schemas are different:\n${differing(left.name, left.database, right.name, right.database)}`);
  }
  const here = byName(left, passOver);
  const there = byName(right, passOver);
  for (const name of [...new Set([...here.keys(), ...there.keys()])].sort()) {
    const [a, b] = [here.get(name), there.get(name)];
    if (a === undefined || b === undefined) {
      const kind = (a ?? b)?.type === "VIEW" ? "view" : "table";
      diffs.push(`${a === undefined ? right.name : left.name} has an extra ${kind} named ${name}`);
      continue;
    }
    if (a.schema !== b.schema) {
      diffs.push(`schemas differ on table ${name}:\n${differing(left.name, a.schema, right.name, b.schema)}`);
    }
    if (a.type !== b.type) {
      diffs.push(
        `schemas differ on table type for table ${name}:\n${differing(left.name, a.type, right.name, b.type)}`,
      );
    }
  }
  return diffs;
}

function byName({ tables }: NamedSchema, passOver: (table: string) => boolean): Map<string, Definition> {
  return new Map(tables.filter(({ name }) => !passOver(name)).map((table) => [table.name, table]));
}

function differing(leftName: string, left: string, rightName: string, right: string): string {
  return `${leftName}: ${left}\n differs from:\n${rightName}: ${right}`;
}
