/**
 * A fault at every step of Create, Complete, Cancel and VDiff: what it leaves is explained, and the command, typed again,
 * comes to its end. A selection, the same on each run; VTMIGRATE_TEST_SEED makes it another one, and
 * VTMIGRATE_TEST_FAULTS=all takes all of them (`npm run test:fault`).
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Lab } from "../../support/lab.js";
import { Network } from "../../support/network.js";
import { type Case, caseName, casesOf, select, shuffle } from "./cases.js";
import { subjects } from "./subjects.js";
import { Tally } from "./tally.js";
import { survive, undisturbed } from "./trial.js";

/** Cases of each kind, of each subject, when not all are run. */
const EACH = 2;

const seed = Number(process.env.VTMIGRATE_TEST_SEED ?? 1);
const isAll = process.env.VTMIGRATE_TEST_FAULTS === "all";
/** Labs of one shape that are at work at the same time: a case mostly waits. A selection has other suites beside it. */
const LANES = isAll ? 4 : 2;
const everything = subjects.flatMap(casesOf);
const selection = subjects.flatMap((subject) => select(casesOf(subject), EACH, seed));
const cases = shuffle(isAll ? everything : selection, seed);
const tally = new Tally();

it("there are at least 300 cases, and the selection of at least 60 has each command, place and kind", () => {
  expect(everything.length).toBeGreaterThanOrEqual(300);
  expect(selection.length).toBeGreaterThanOrEqual(60);
  const seen = (of: (one: Case) => string, all: Case[]) => [...new Set(all.map(of))].sort();
  for (const of of [
    (one: Case) => one.subject.command,
    (one: Case) => one.place,
    (one: Case) => one.kind,
    (one: Case) => `${one.subject.name} ${one.kind}`,
  ]) {
    expect(seen(of, selection)).toEqual(seen(of, everything));
  }
});

for (const shape of new Set(subjects.map(({ lab }) => lab))) {
  const here = cases.filter(({ subject }) => subject.lab === shape);
  for (let lane = 0; lane < LANES; lane++) {
    const mine = here.filter((_, i) => i % LANES === lane);
    const whole = lane === 0 ? subjects.filter(({ lab }) => lab === shape) : [];
    describe.concurrent(`lane ${lane + 1}`, () => {
      let lab: Lab;
      let network: Network;
      beforeAll(async () => {
        lab = await Lab.start(shape);
        network = await Network.around(lab);
      }, 120_000);
      afterEach(async () => {
        network.heal();
        await lab.clear();
      });
      afterAll(async () => {
        await network?.close();
        await lab?.close();
      });
      if (whole.length > 0) {
        it.sequential.each(whole.map((subject) => [subject.name, subject] as const))(
          "%s, undisturbed, does these steps",
          (_, subject) => undisturbed({ lab, network }, subject),
          60_000,
        );
      }
      it.sequential.each(mine.map((one) => [`${one.subject.name}: ${caseName(one)}`, one] as const))(
        "%s",
        async (_, one) => {
          await survive({ lab, network }, one, () => tally.injected(one));
          tally.survived(one);
        },
        180_000,
      );
    });
  }
}

afterAll(() => {
  process.stdout.write(`${tally.text(isAll ? "all" : `a selection by seed ${seed}`)}\n`);
});
