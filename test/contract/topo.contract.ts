import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import { filesContract } from "./topo/files.contract.js";
import { locksContract } from "./topo/locks.contract.js";
import { type EtcdUnderTest, Place } from "./topo/place.js";
import { recordedContract } from "./topo/recorded.contract.js";
import { recordsContract } from "./topo/records.contract.js";
import { vschemaContract } from "./topo/vschema.contract.js";

/** What holds for the topology on whatever answers as etcd. One server serves all tests, each in a place of its own. */
export function topoContract(start: () => Promise<EtcdUnderTest>): void {
  let server: EtcdUnderTest | undefined;
  let current: Place | undefined;

  beforeAll(async () => {
    server = await start();
  });
  afterAll(async () => {
    await server?.close();
  });
  beforeEach(() => {
    current = new Place(server?.endpoint ?? "");
  });
  afterEach(() => current?.close());

  const place = (): Place => {
    if (current === undefined) throw new Error("no server");
    return current;
  };

  describe("files", () => filesContract(place));
  describe("locks", () => locksContract(place));
  describe("records", () => recordsContract(place));
  describe("VSchema and SrvVSchema", () => vschemaContract(place));
  describe("recorded clusters", () => recordedContract(place));
}
