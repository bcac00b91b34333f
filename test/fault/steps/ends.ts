/** What each command is to come to, and how an operator gets there after a run that was disturbed. */
import { expect } from "vitest";
import { decode } from "../../../src/wire/proto.js";
import type { CliResult } from "../../support/cli.js";
import type { Lab } from "../../support/lab.js";
import { typeHere } from "../../support/type-here.js";
import { until } from "../../vitess/until.js";
import { expectSameRows, ownStreams, ownTables, writeToSource } from "./stage.js";
import { type Subject, tables } from "./subjects.js";

export interface End {
  /** Whether the deed is done: what exit code 0 promises. */
  expectDone(): Promise<void>;
  /** On a whole network: types what it takes. */
  reach(): Promise<void>;
}

export function endOf(lab: Lab, subject: Subject): End {
  const ends = { Create: createEnd, Complete: completeEnd, Cancel: cancelEnd, VDiff: vdiffEnd };
  return ends[subject.command](lab, subject);
}

function createEnd(lab: Lab, { words }: Subject): End {
  const expectDone = async () => {
    expect(await lab.record("wf")).toMatchObject({ step: "created" });
    expect(ownStreams(lab)).toHaveLength(lab.primaries("target").length);
    for (const { state } of ownStreams(lab)) expect(["Init", "Copying", "Running"]).toContain(state);
  };
  return {
    expectDone,
    async reach() {
      const again = await typeHere(lab, words);
      if (again.code === 7) {
        expect(again.stderr).toContain("workflow already exists");
        const running = await expectDone().then(
          () => true,
          () => false,
        );
        if (!running) {
          expectCode(await typeHere(lab, "Migrate Cancel commerce.wf"), 0);
          expectCode(await typeHere(lab, words), 0);
        }
      } else expectCode(again, 0);
      await expectDone();
      await expectFollowing(lab);
    },
  };
}

function completeEnd(lab: Lab, { words }: Subject): End {
  const expectDone = async () => {
    expect(ownStreams(lab)).toEqual([]);
    expect(await lab.record("wf")).toBeUndefined();
    const vschema = decode("vschema.Keyspace", (await lab.topo.vschema("commerce")).contents);
    expect(Object.keys(vschema.tables)).toEqual(expect.arrayContaining(tables));
    for (const cell of await lab.topo.cells()) {
      const served = decode("vschema.SrvVSchema", await lab.topo.srvVSchema(cell));
      expect(served.keyspaces.commerce, cell).toEqual(vschema);
    }
    for (const { tabletControls } of await lab.topo.shards("commerce")) {
      expect(tabletControls.flatMap((control) => control.denied_tables)).toEqual([]);
    }
  };
  return {
    expectDone,
    async reach() {
      const before = await lab.record("wf");
      // Until they are announced nobody reads the tables: what the application writes now has to come over.
      if (["created", "completing"].includes(String(before?.step))) writeToSource(lab, "later");
      if (before === undefined) await expectDone();
      else expectCode(await typeHere(lab, words), 0);
      await expectDone();
      expectSameRows(lab);
    },
  };
}

function cancelEnd(lab: Lab, { words }: Subject): End {
  const expectDone = async () => {
    expect(ownStreams(lab)).toEqual([]);
    expect(ownTables(lab)).toEqual([]);
    expect(await lab.record("wf")).toBeUndefined();
    const vschema = decode("vschema.Keyspace", (await lab.topo.vschema("commerce")).contents);
    expect(Object.keys(vschema.tables)).not.toContain("kinds");
  };
  return {
    expectDone,
    async reach() {
      if ((await lab.record("wf")) === undefined) await expectDone();
      else expectCode(await typeHere(lab, words), 0);
      await expectDone();
    },
  };
}

function vdiffEnd(lab: Lab, { words }: Subject): End {
  const expectDone = async () => {
    for (const { state, message, stop_pos: stopPos } of ownStreams(lab)) {
      expect({ state, stopPos: stopPos ?? "" }).toEqual({ state: "Running", stopPos: "" });
      expect(message).not.toMatch(/vdiff/i);
    }
    expect(await lab.record("wf")).not.toHaveProperty("savedStreams");
  };
  return {
    expectDone,
    async reach() {
      let again = await typeHere(lab, words);
      if (again.code === 7) {
        expect(again.stderr).toContain('Hint: Restart it with "Workflow commerce.wf start".');
        expectCode(await typeHere(lab, "Workflow commerce.wf start"), 0);
        again = await typeHere(lab, words);
      }
      expectCode(again, 0);
      await expectDone();
      await expectFollowing(lab);
    },
  };
}

/** The copy gets done, and the streams bring what the source writes from now on. */
async function expectFollowing(lab: Lab): Promise<void> {
  writeToSource(lab, "followed");
  await until("the target has the source's rows", async () => {
    expectSameRows(lab);
    return true;
  });
}

function expectCode({ code, stdout, stderr }: CliResult, wanted: number): void {
  expect(code, stdout + stderr).toBe(wanted);
}
