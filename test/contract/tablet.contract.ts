import { afterAll, afterEach, beforeAll, describe } from "vitest";
import { answersContract } from "./tablet/answers.contract.js";
import { deniedContract } from "./tablet/denied.contract.js";
import { eventStreamContract } from "./tablet/event-stream.contract.js";
import { execContract } from "./tablet/exec.contract.js";
import { fetchContract } from "./tablet/fetch.contract.js";
import { Place, type TabletsUnderTest } from "./tablet/place.js";
import { positionsContract } from "./tablet/positions.contract.js";
import { rowStreamContract } from "./tablet/row-stream.contract.js";
import { schemaContract } from "./tablet/schema.contract.js";
import { snapshotsContract } from "./tablet/snapshots.contract.js";
import { streamsContract } from "./tablet/streams.contract.js";
import { streamsBlockedContract } from "./tablet/streams-blocked.contract.js";
import { streamsTroubleContract } from "./tablet/streams-trouble.contract.js";
import { valuesContract } from "./tablet/values.contract.js";
import { vdiffContract } from "./tablet/vdiff.contract.js";

/**
 * What holds for every tablet that this tool talks to, as seen through src/tablet/port.ts: over the sandbox's tablets and
 * over real ones, of every release. One pair of clusters serves all tests.
 */
export function tabletContract(start: () => Promise<TabletsUnderTest>): void {
  let opened: Place | undefined;
  beforeAll(async () => {
    opened = await Place.open(start);
  }, 120_000);
  afterEach(() => opened?.clear());
  afterAll(() => opened?.close());

  const place = (): Place => {
    if (opened === undefined) throw new Error("no tablets");
    return opened;
  };

  describe("every tablet", () => answersContract(place));
  describe("the schema", () => schemaContract(place));
  describe("fetching", () => fetchContract(place));
  describe("VReplicationExec", () => execContract(place));
  describe("a stream", () => streamsContract(place));
  describe("a stream with a row in its way", () => streamsBlockedContract(place));
  describe("a stream in trouble", () => streamsTroubleContract(place));
  describe("a snapshot", () => snapshotsContract(place));
  describe("rows for a copy", () => rowStreamContract(place));
  describe("events", () => eventStreamContract(place));
  describe("values of every type", () => valuesContract(place));
  describe("denied tables", () => deniedContract(place));
  describe("VDiff", () => vdiffContract(place));
  describe("positions", () => positionsContract(place));
}
