import { describe, expect, it } from "vitest";
import { TroubleWatch } from "../../../src/migrate/create/trouble-watch.js";
import type { Stream } from "../../../src/workflow/streams.js";

const PICKED = `Picked source tablet: cell:"zx" uid:11`;
const REFUSED = "vttablet: rpc error: code = Unknown desc = could not map";

function stream(message: string, lastpk: string | null = null, id = 2): Stream {
  const target = { shard: { name: "-80" }, primary: { record: { alias: "zone1-0000000051" } } };
  const state = { id, message, target, state: "Copying", rowsCopied: 0, copyState: [{ table: "customer", lastpk }] };
  return state as unknown as Stream;
}

/** What is said of one stream after each message, one every 5 s. */
function heard(streams: Stream[]): (string | undefined)[] {
  const watch = new TroubleWatch();
  return streams.map((each, index) => watch.lasting(each, index * 5_000));
}

describe("TroubleWatch", () => {
  it("names a complaint that lasts 15 s", () => {
    expect(heard([REFUSED, REFUSED, REFUSED, REFUSED].map((text) => stream(text)))).toEqual([
      undefined,
      undefined,
      undefined,
      REFUSED,
    ]);
  });

  it("doesn't take the message of a retry for the end of the trouble", () => {
    const messages = [REFUSED, PICKED, REFUSED, PICKED];
    expect(heard(messages.map((text) => stream(text))).at(-1)).toBe(REFUSED);
  });

  it("begins anew when the copy goes on", () => {
    const told = [
      stream(REFUSED),
      stream(REFUSED),
      stream(PICKED, "[1]"),
      stream(REFUSED, "[1]"),
      stream(REFUSED, "[1]"),
    ];
    expect(heard(told)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });

  it("takes a copied stream's message for what it is: it has no rows to get on with", () => {
    const copied = { ...stream(PICKED), copyState: [], position: {} } as unknown as Stream;
    const watch = new TroubleWatch();
    expect(watch.open({ ...copied, message: REFUSED }, 0)).toBe(REFUSED);
    expect(watch.open(copied, 1_000)).toBeUndefined();
  });

  it("keeps streams of different ids apart", () => {
    const watch = new TroubleWatch();
    watch.lasting(stream(REFUSED, null, 1), 0);
    expect(watch.lasting(stream(PICKED, null, 2), 15_000)).toBeUndefined();
    expect(watch.lasting(stream(PICKED, null, 1), 15_000)).toBe(REFUSED);
  });
});
