/** VDiff where values of every type, keys of every kind and definitions that differ could mislead it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab, sql } from "../support/lab.js";
import { readFound } from "../support/planted/found.js";
import {
  definitionStatements,
  expectedReport,
  expectedWhenEqual,
  type Found,
  plantingStatements,
  sourceStatements,
} from "../support/planted/hazard.js";
import { hazards } from "../support/planted/hazards.js";

/** Words between VDiff and the workflow: both ways to compare find the same. */
const modes = ["", "-full"];

let lab: Lab;
const codes: (number | null)[] = [];
/** Of each comparison, the names of tables of which rows were read. */
const tablesRead: string[][] = [];
const whenEqual = new Map<string, Map<string, Found>>();
const whenPlanted = new Map<string, Map<string, Found>>();

beforeAll(async () => {
  lab = await Lab.start({
    typesHere: true,
    statements: () => [
      "set global time_zone = '+05:30'",
      "set sql_mode = ''",
      ...hazards.flatMap((hazard) => sourceStatements(hazard)),
    ],
  });
  for (const tablet of lab.sandbox.source.tablets) sql(tablet, "set global time_zone = '+05:30'");
  for (const tablet of lab.sandbox.target.tablets) sql(tablet, "set global time_zone = 'Europe/Berlin'");
  const created = await lab.type("Migrate -all -source ext1.commerce -wait Create commerce.wf");
  expect(created, created.stderr).toMatchObject({ code: 0 });
  const target = lab.primary("target");
  sql(target, "set sql_mode = ''", ...hazards.flatMap((hazard) => definitionStatements(hazard)));
  for (const mode of modes) whenEqual.set(mode, await compare(mode));
  sql(target, "set sql_mode = ''", ...hazards.flatMap((hazard) => plantingStatements(hazard)));
  for (const mode of modes) whenPlanted.set(mode, await compare(mode));
}, 180_000);

afterAll(() => lab?.close());

async function compare(mode: string): Promise<Map<string, Found>> {
  const result = await lab.type(["VDiff", "-json", ...(mode === "" ? [] : [mode]), "commerce.wf"]);
  codes.push(result.code);
  const found = readFound(result);
  const { tables } = JSON.parse(result.stdout) as { tables: { table: string; rowsRead: number }[] };
  tablesRead.push(tables.filter(({ rowsRead }) => rowsRead > 0).map(({ table }) => table));
  return found;
}

it("ends with 0 while all is equal, and then with 3", () => {
  expect(codes).toEqual([...modes.map(() => 0), ...modes.map(() => 3)]);
});

it("reads no rows of equal tables of one definition, whose checksums are equal", () => {
  const [byChecksums = [], full] = tablesRead;
  const altered = hazards.filter(({ alteredTo }) => alteredTo !== undefined).map(({ name }) => name);
  expect(byChecksums.filter((name) => !altered.includes(name))).toEqual([]);
  expect(full).toEqual(expect.arrayContaining(hazards.map(({ name }) => name)));
});

it("reads none where numbers are only printed with other widths", () => {
  expect(tablesRead[0]).not.toContain("zerofill_of_another_width");
});

describe.each(modes)("VDiff %s", (mode) => {
  it.each(hazards.map((hazard) => [hazard.name, hazard] as const))("%s", (_, hazard) => {
    expect(whenEqual.get(mode)?.get(hazard.name), "equal").toEqual(expectedWhenEqual(hazard));
    expect(whenPlanted.get(mode)?.get(hazard.name), "with planted differences").toEqual(expectedReport(hazard));
  });
});

it("one end of every table is missing, the other is changed", () => {
  for (const { name, changed, rekeyed, rows, missing } of hazards) {
    const ends = [rows.at(1)?.n, rows.at(-2)?.n];
    expect(ends, name).toContain(missing);
    const others = Object.keys({ ...changed, ...rekeyed }).map(Number);
    expect(others, name).toContain(ends.find((n) => n !== missing));
  }
});
