import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { directoryPrefix, joinPath, prefixEnd } from "../../../src/topo/etcd/path.js";

describe("joinPath is Go's path.Join", () => {
  test.each([
    [["/vitess/global", "cells/zone1/CellInfo"], "/vitess/global/cells/zone1/CellInfo"],
    [["vitess/global", "cells"], "vitess/global/cells"],
    [["/vitess/global/", "cells/"], "/vitess/global/cells"],
    [["/vitess//global", "//cells"], "/vitess/global/cells"],
    [["/", "cells"], "/cells"],
    [["", "cells"], "cells"],
    [["/vitess/global", ""], "/vitess/global"],
    [["", ""], ""],
    [["/", ""], "/"],
    // The examples of Go's documentation.
    [["a", "b", "c"], "a/b/c"],
    [["a", "b/../../../xyz"], "../xyz"],
    [["a/b", "../../../xyz"], "../xyz"],
    [["/..", "a"], "/a"],
    [["a", ".."], "."],
  ])("%j is %j", (elements, joined) => {
    expect(joinPath(...elements)).toBe(joined);
  });

  test("a root with a leading slash and one without are different", () => {
    expect(joinPath("/vitess", "a")).not.toBe(joinPath("vitess", "a"));
  });
});

test("directoryPrefix adds the slash that a root may have already", () => {
  expect(["/vitess/global", "/", "", "cells"].map(directoryPrefix)).toEqual(["/vitess/global/", "/", "", "cells/"]);
});

describe("prefixEnd", () => {
  test.each([
    ["61", "62"],
    ["612f", "6130"],
    ["61ff", "62"],
    ["61ffff", "62"],
    ["ff", "00"],
    ["", "00"],
  ])("of %s is %s", (prefix, end) => {
    expect(prefixEnd(Buffer.from(prefix, "hex")).toString("hex")).toBe(end);
  });

  test("holds exactly the keys that start with the prefix", () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 6 }).map((value) => Buffer.from(value));
    fc.assert(
      fc.property(bytes, bytes, (prefix, key) => {
        const end = prefixEnd(prefix);
        const within = key.compare(prefix) >= 0 && (end.equals(Buffer.from([0])) || key.compare(end) < 0);
        expect(within).toBe(key.subarray(0, prefix.length).equals(prefix));
      }),
    );
  });
});
