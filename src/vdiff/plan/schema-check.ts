import type { TableDefinition__Output as TableDefinition } from "../../wire/generated/tabletmanagerdata/TableDefinition.js";
import { byName } from "./table-columns.js";

/**
 * Compares the two definitions of a table before any row is read. Problems stop the comparison: a table or
 * column that one side lacks, or a primary key that tells no rows of the source apart. Warnings don't: values are
 * compared as bytes, whatever type or collation, and rows without a key as a whole.
 *
 * @param allColumns the stream copies every column; otherwise it selects some, and the others may differ
 */
export function checkDefinitions(
  name: string,
  source: TableDefinition | undefined,
  target: TableDefinition | undefined,
  allColumns: boolean,
): { problems: string[]; warnings: string[] } {
  if (source === undefined) return { problems: [`table ${name} is missing on the source`], warnings: [] };
  if (target === undefined) return { problems: [`table ${name} is missing on the target`], warnings: [] };
  if (!allColumns) return { problems: [], warnings: [] };
  const problems = lonelyColumns(name, source, target);
  const warnings = differingColumns(name, source, target);
  const keys = differingKeys(name, source, target);
  if (keys !== undefined) (targetKeyIsUnique(source, target) ? warnings : problems).push(keys);
  return { problems, warnings };
}

function lonelyColumns(name: string, source: TableDefinition, target: TableDefinition): string[] {
  const onlySource = source.columns.filter((column) => !target.columns.includes(column));
  const onlyTarget = target.columns.filter((column) => !source.columns.includes(column));
  return [
    ...onlySource.map((column) => `column ${column} of table ${name} is on the source only`),
    ...onlyTarget.map((column) => `column ${column} of table ${name} is on the target only`),
  ];
}

function differingColumns(name: string, source: TableDefinition, target: TableDefinition): string[] {
  const onTarget = byName(target);
  const warnings: string[] = [];
  for (const [column, a] of byName(source)) {
    const b = onTarget.get(column);
    if (b === undefined) continue;
    if (a.type !== b.type)
      warnings.push(`column ${column} of table ${name} is ${a.type} on the source, ${b.type} on the target`);
    if (a.collation !== b.collation && a.collation !== undefined && b.collation !== undefined) {
      warnings.push(
        `column ${column} of table ${name} has collation ${a.collation} on the source, ${b.collation} on the target`,
      );
    }
    if (a.generated !== b.generated) {
      warnings.push(`column ${column} of table ${name} is generated on the ${a.generated ? "source" : "target"} only`);
    }
  }
  return warnings;
}

function differingKeys(name: string, source: TableDefinition, target: TableDefinition): string | undefined {
  const a = source.primary_key_columns;
  const b = target.primary_key_columns;
  if (a.join() === b.join()) return undefined;
  const describe = (key: string[]) => (key.length === 0 ? "no primary key" : `primary key (${key.join(", ")})`);
  return `table ${name} has ${describe(a)} on the source, ${describe(b)} on the target`;
}

/** Or one of the sides has no key at all, and whole rows are compared. */
function targetKeyIsUnique(source: TableDefinition, target: TableDefinition): boolean {
  const [a, b] = [source.primary_key_columns, target.primary_key_columns];
  return a.length === 0 || b.length === 0 || a.every((column) => b.includes(column));
}
