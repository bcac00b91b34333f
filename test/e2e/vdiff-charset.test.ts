/** VDiff over tablets whose connections to their MySQL aren't in utf8mb4: text that these lose is compared all the same. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Lab, sql } from "../support/lab.js";
import { bytes } from "../support/planted/bytes.js";
import { definitions } from "../support/planted/definitions.js";
import { readFound } from "../support/planted/found.js";
import {
  definitionStatements,
  expectedReport,
  expectedWhenEqual,
  type Found,
  plantingStatements,
  sourceStatements,
} from "../support/planted/hazard.js";
import { keyless } from "../support/planted/keyless.js";
import { keys } from "../support/planted/keys.js";
import { texts } from "../support/planted/texts.js";

const hazards = [...texts, ...bytes, ...keys, ...keyless, ...definitions].filter(({ name }) =>
  /text|json|enum|set|charset|without|less|weird/.test(name),
);

let lab: Lab;
let stderr = "";
let shown = "";
const whenEqual = new Map<string, Found>();
const whenPlanted = new Map<string, Found>();

beforeAll(async () => {
  // v11 asks for utf8mb3; the target plays a MariaDB that doesn't know what newer tablets ask for.
  lab = await Lab.start({
    sourceProfile: "v11",
    targetProfile: "v18",
    statements: () => ["set sql_mode = ''", ...hazards.flatMap((hazard) => sourceStatements(hazard))],
  });
  for (const tablet of lab.sandbox.target.tablets) sql(tablet, "set global character_set_results = 'latin1'");
  const created = await lab.type("Migrate -all -source ext1.commerce -wait Create commerce.wf");
  expect(created, created.stderr).toMatchObject({ code: 0 });
  const target = lab.primary("target");
  sql(target, "set sql_mode = ''", ...hazards.flatMap((hazard) => definitionStatements(hazard)));
  await compare(whenEqual);
  sql(target, "set sql_mode = ''", ...hazards.flatMap((hazard) => plantingStatements(hazard)));
  await compare(whenPlanted);
  shown = (await lab.type("VDiff -full -tables text_beyond_bmp commerce.wf")).stdout;
}, 60_000);

afterAll(() => lab?.close());

async function compare(into: Map<string, Found>): Promise<void> {
  const result = await lab.type("VDiff -json -full commerce.wf");
  for (const [table, found] of readFound(result)) into.set(table, found);
  stderr += result.stderr;
}

describe("VDiff -full", () => {
  it.each(hazards.map((hazard) => [hazard.name, hazard] as const))("%s", (_, hazard) => {
    expect(whenEqual.get(hazard.name), "equal").toEqual(expectedWhenEqual(hazard));
    expect(whenPlanted.get(hazard.name), "with planted differences").toEqual(expectedReport(hazard));
  });

  it("warns of no text that is lost, and shows text as text", () => {
    expect(stderr).not.toContain("four bytes");
    expect(shown).toContain('v: "😀" (VARCHAR)');
    expect(shown).toContain('v: "😁" (VARCHAR)');
  });
});
