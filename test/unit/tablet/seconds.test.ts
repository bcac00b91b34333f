import { expect, it } from "vitest";
import { seconds } from "../../../src/tablet/grpc/errors.js";

it("a wait is told as it was meant, whatever of it has passed already", () => {
  expect([3000, 2999.4, 2960, 1500, 999.6, 250, 0.4].map(seconds)).toEqual([
    "3 s",
    "3 s",
    "3 s",
    "1.5 s",
    "1 s",
    "0.25 s",
    "0 s",
  ]);
});
