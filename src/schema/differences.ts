import type { ColumnDefinition } from "./columns.js";
import type { TableParts } from "./table.js";

export interface Differences {
  /** What makes the target another table: columns, their types and NULL, the primary key. */
  structure: string[];
  /** What the rows don't mind: keys, foreign keys, character sets, the columns' order. */
  rest: string[];
}

/**
 * What a target's table has otherwise than the source's, each in a few words. What servers print differently for
 * the same thing is no difference, nor are defaults, comments, engines and the next AUTO_INCREMENT.
 */
export function compareTables(source: TableParts, target: TableParts): Differences {
  const shared = source.columns.flatMap((there) => {
    const here = target.columns.find((column) => column.name === there.name);
    return here === undefined ? [] : [{ there, here }];
  });
  const missing = namesWithout(source.columns, target.columns);
  const extra = namesWithout(target.columns, source.columns);
  const sameColumns = missing.length === 0 && extra.length === 0;
  const sameOrder = shared.every(({ there }, i) => target.columns[i]?.name === there.name);
  return {
    structure: [
      ...missing.map((name) => `lacks column ${name}`),
      ...extra.map((name) => `has column ${name}, which the source has not`),
      ...shared.flatMap(({ there, here }) => columnDifference(there, here)),
      ...primaryKeyDifference(source.primaryKey, target.primaryKey),
    ],
    rest: [
      ...(sameColumns && !sameOrder ? ["has its columns in another order"] : []),
      ...shared.flatMap(({ there, here }) => collationDifference(there, here)),
      ...shapeDifferences(source.keys, target.keys),
      ...shapeDifferences(source.foreignKeys, target.foreignKeys),
    ],
  };
}

function namesWithout(these: ColumnDefinition[], those: ColumnDefinition[]): string[] {
  return these.filter(({ name }) => !those.some((column) => column.name === name)).map(({ name }) => name);
}

function columnDifference(there: ColumnDefinition, here: ColumnDefinition): string[] {
  const [type, wanted] = [describe(here), describe(there)];
  return type === wanted ? [] : [`column ${here.name} is ${type}, on the source ${wanted}`];
}

/** MariaDB has no JSON type: a column that is made as JSON is printed as a longtext with a check. */
function describe({ type, checkedJson, nullable, generated }: ColumnDefinition): string {
  return `${checkedJson ? "json" : type}${generated ? " generated" : ""}${nullable ? "" : " not null"}`;
}

function primaryKeyDifference(there: string[], here: string[]): string[] {
  if (JSON.stringify(there) === JSON.stringify(here)) return [];
  const text = (key: string[]) => (key.length === 0 ? "no primary key" : `primary key (${key.join(", ")})`);
  return [`has ${text(here)}, the source ${text(there)}`];
}

/** Only what both sides print can be compared: a character set's default collation is the server's choice. */
function collationDifference(there: ColumnDefinition, here: ColumnDefinition): string[] {
  if (there.collation === undefined || here.collation === undefined) return [];
  const bothSay = [there, here].every((column) => !column.collation?.endsWith("(default)"));
  const [a, b] = bothSay ? [there.collation, here.collation] : [charset(there.collation), charset(here.collation)];
  return a === b ? [] : [`column ${here.name} is in ${b}, on the source in ${a}`];
}

function charset(collation: string): string {
  return collation.split(/[_ ]/)[0] ?? collation;
}

interface Shaped {
  text: string;
  shape: string;
}

function shapeDifferences(source: Shaped[], target: Shaped[]): string[] {
  const lacks = source.filter(({ shape }) => !target.some((other) => other.shape === shape));
  const has = target.filter(({ shape }) => !source.some((other) => other.shape === shape));
  return [
    ...lacks.map(({ text }) => `lacks ${text}`),
    ...has.map(({ text }) => `has ${text}, which the source has not`),
  ];
}
