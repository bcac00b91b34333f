/** Types each case's line to both tools on equal state, and compares everything. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeVitess, type VitessLab } from "../lab.js";
import { until } from "../until.js";
import { vtctlclientAnswer, vtmigrateAnswer } from "./answer.js";
import { Baseline } from "./baseline.js";
import { type Given, spelled, type Table, wordsOf } from "./case.js";
import { complaints, findDifferences, type Outcome } from "./findings.js";
import { isAtRest, type Picture, takePicture } from "./picture.js";

/** A suite of cases; counted as skipped where there is no vtctlclient. */
export function sideBySide({ name, cases }: Table): void {
  describeVitess(`${name}, typed to vtctlclient and to vtmigrate`, (lab) => {
    const stage = new Stage(lab);
    beforeAll(() => stage.open());
    afterAll(() => stage.close());

    it.each(cases.map((row) => ({ ...row, title: row.name ?? wordsOf(row.line).join(" ") })))(
      "$title",
      async ({ line, ours = line, given = [], differs = [], timeoutMs }) => {
        const theirs = await stage.act(given, async () => {
          return vtctlclientAnswer(await lab.vtctlclient(spelled(line, lab.release), timeoutMs));
        });
        const mine = await stage.act(given, async () => vtmigrateAnswer(await lab.type(wordsOf(ours))));
        const declared = differs.filter(({ since = 0, before = Number.POSITIVE_INFINITY }) => {
          return since <= lab.release && lab.release < before;
        });
        expect(complaints(findDifferences(theirs, mine), declared).join("\n")).toBe("");
      },
    );
  });
}

/** The clusters, and which state they are in: it is only made anew where something has changed it. */
class Stage {
  private baseline: Baseline | undefined;
  private state: { given: Given[]; picture: Picture } | undefined;

  constructor(private readonly lab: VitessLab) {}

  async open(): Promise<void> {
    this.baseline = await Baseline.prepare(this.lab);
  }

  async close(): Promise<void> {
    await this.baseline?.close();
  }

  /** What `type` answers in the given state, and how the target is afterwards. */
  async act(given: Given[], type: () => Promise<Outcome["answer"]>): Promise<Outcome> {
    const { picture } = await this.make(given);
    this.state = undefined;
    const answer = await type();
    await this.rest();
    const after = await takePicture(this.lab);
    if (equal(picture, after)) this.state = { given, picture };
    return { answer, after };
  }

  private async make(given: Given[]): Promise<{ picture: Picture }> {
    const { state } = this;
    if (
      state !== undefined &&
      given.length === state.given.length &&
      given.every(({ name }, i) => name === state.given[i]?.name)
    ) {
      return state;
    }
    await this.baseline?.restore();
    for (const { make } of given) {
      await make(this.lab);
      await this.rest();
    }
    return { picture: await takePicture(this.lab) };
  }

  /** Streams that never come to rest are looked at as they are. */
  private async rest(): Promise<void> {
    await until("nothing is at work", () => isAtRest(this.lab), 5_000).catch(() => {});
  }
}

function equal(one: Picture, other: Picture): boolean {
  return one.size === other.size && [...one].every(([place, contents]) => other.get(place) === contents);
}
