import { afterAll, afterEach, beforeAll, describe, it } from "vitest";
import { Lab } from "../../support/lab.js";
import { type Case, caseName, casesOf, kinds, select } from "./cases.js";
import { Network } from "./network.js";
import type { Subject } from "./subjects.js";
import { survive, undisturbed } from "./trial.js";

/** Labs of one file at work at the same time: a case mostly waits. */
const LANES = 2;
/** Of each kind, of each subject, when not all are run. */
const EACH = 2;

const seed = Number(process.env.VTMIGRATE_TEST_SEED ?? 1);
const all = process.env.VTMIGRATE_TEST_FAULTS === "all";

/** Those that run: all with VTMIGRATE_TEST_FAULTS=all, else a selection that VTMIGRATE_TEST_SEED changes. */
export function chosenCases(subject: Subject): Case[] {
  return all ? casesOf(subject) : select(casesOf(subject), EACH, seed);
}

/** The suite of one subject, in lanes of a lab each. */
export function faultsOf(subject: Subject): void {
  const cases = chosenCases(subject);
  const tally = new Map(kinds.map((kind) => [kind, { injected: 0, survived: 0 }]));
  for (let lane = 0; lane < LANES; lane++) {
    describe.concurrent(`${subject.name}, lane ${lane + 1}`, () => {
      let lab: Lab;
      let network: Network;
      beforeAll(async () => {
        lab = await Lab.start(subject.lab);
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
      if (lane === 0)
        it.sequential("undisturbed, it does these steps", () => undisturbed({ lab, network }, subject), 60_000);
      it.sequential.each(cases.filter((_, i) => i % LANES === lane).map((one) => [caseName(one), one] as const))(
        "%s",
        async (_, one) => {
          const counts = tally.get(one.kind) ?? { injected: 0, survived: 0 };
          await survive({ lab, network }, one, () => counts.injected++);
          counts.survived++;
        },
        120_000,
      );
    });
  }
  afterAll(() => {
    const parts = [...tally].map(([kind, { injected, survived }]) => `${kind} ${survived}/${injected}`);
    process.stdout.write(`${subject.name}: survived/injected ${parts.join(", ")} (seed ${seed})\n`);
  });
}
