import { Random } from "../../../src/sandbox/random.js";
import type { Place } from "../../support/network.js";
import type { Moment } from "../../support/step-log.js";
import type { Subject } from "./subjects.js";

export const kinds = ["delay", "stall", "cut", "down", "half-close", "lost-answers", "kill -9"] as const;
export type Kind = (typeof kinds)[number];

/** One fault, at one moment of one command. */
export interface Case {
  subject: Subject;
  moment: Moment;
  /** Where the network fails; of kill -9, whose answers are counted. */
  place: Place;
  kind: Kind;
}

/** When each kind tells something: what stands still for good at a step's begin is still so at its end. */
const moments: Record<Kind, readonly Moment["at"][]> = {
  delay: ["before"],
  stall: ["before"],
  cut: ["before", "after"],
  down: ["before"],
  "half-close": ["before"],
  "lost-answers": ["before", 2],
  "kill -9": ["before", 1, "after"],
};

/** Every case of a subject. */
export function casesOf(subject: Subject): Case[] {
  return subject.steps.flatMap(({ name: step, places, hasLastAnswer = false }) =>
    kinds.flatMap((kind) =>
      placesOf(kind, places).flatMap((place) =>
        moments[kind]
          // A process that is killed before its first word was never there, and the first look's end is the next step's begin.
          .filter((at) => step !== "" || typeof at === "number" || (at === "before" && kind !== "kill -9"))
          .filter((at) => !(hasLastAnswer && at === 2))
          .map((at) => ({ subject, moment: { step, at }, place, kind })),
      ),
    ),
  );
}

/** Of kinds that say the same wherever they happen, one place. */
function placesOf(kind: Kind, places: readonly Place[]): readonly Place[] {
  return kind === "kill -9" || kind === "delay" ? places.slice(-1) : places;
}

/** "cut of 80- before: Stop the streams" */
export function caseName({ moment: { step, at }, place, kind }: Case): string {
  const when = typeof at === "number" ? `instead of answer ${at} in` : at;
  return `${kind}${kind === "kill -9" && typeof at !== "number" ? "" : ` (${place})`} ${when}: ${step || "the first look"}`;
}

/** So many of each kind, the same for the same seed. */
export function select(cases: readonly Case[], each: number, seed: number): Case[] {
  const mixed = shuffle(cases, seed);
  return kinds.flatMap((kind) => mixed.filter((one) => one.kind === kind).slice(0, each));
}

/** In an order of their own: a run that is ended early has seen something of everything. */
export function shuffle(cases: readonly Case[], seed: number): Case[] {
  const random = new Random(seed);
  return cases
    .map((one) => ({ one, order: random.next() }))
    .sort((a, b) => a.order - b.order)
    .map(({ one }) => one);
}
