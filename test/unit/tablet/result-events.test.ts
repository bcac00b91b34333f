import { describe, expect, test } from "vitest";
import { FailedError } from "../../../src/errors.js";
import { resultEvents } from "../../../src/tablet/grpc/result-events.js";
import type { TabletRecord, VStreamResultsEvent } from "../../../src/tablet/port.js";
import { encode, type MessageInput } from "../../../src/wire/proto.js";
import { encodeRow } from "../../../src/wire/result.js";

const record = { alias: "zx-0000000001" } as TabletRecord;
const message = (value: MessageInput<"binlogdata.VStreamResultsResponse">) =>
  encode("binlogdata.VStreamResultsResponse", value);
const row = (...values: string[]) => encodeRow(values.map((value) => Buffer.from(value)));
const fields = [{ name: "id" }, { name: "name" }];

async function eventsOf(...messages: Buffer[]): Promise<VStreamResultsEvent[]> {
  const sent = (async function* () {
    yield* messages;
  })();
  const events: VStreamResultsEvent[] = [];
  for await (const event of resultEvents(sent, record)) events.push(event);
  return events;
}

describe("a VStreamResults call's messages", () => {
  test("begin with position and fields, rows may be in the first as in any other", async () => {
    const [start, ...rows] = await eventsOf(
      message({ gtid: "MySQL56/x:1-5", fields, rows: [row("1", "a")] }),
      message({}),
      message({ rows: [row("2", "b"), row("3", "c")] }),
    );
    expect(start).toMatchObject({ kind: "start", position: "MySQL56/x:1-5", fields });
    const ids = rows.map((event) => (event.kind === "rows" ? event.rows.map((found) => String(found.value(0))) : []));
    expect(ids).toEqual([["1"], ["2", "3"]]);
  });

  test.each([
    ["a first message that is none", [Buffer.from("garbage")]],
    ["a row that is cut off", [message({ fields }), message({ rows: [row("1", "abc")] }).subarray(0, -1)]],
    ["a row of other columns", [message({ fields }), message({ rows: [row("1")] })]],
    ["a field that isn't UTF-8 where a message should be", [Buffer.from([10, 2, 255, 255])]],
  ])("%s is a failure that names the tablet", async (_, messages) => {
    const failure = await eventsOf(...messages).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FailedError);
    expect(String(failure)).toContain("tablet zx-0000000001 sent rows that can't be read");
  });
});
