import { expect, it } from "vitest";
import { closest } from "../../../src/suggest.js";

const names = ["Mount", "Migrate", "Workflow", "VDiff", "ApplyVSchema", "GetVSchema"];

it.each([
  ["mont", "Mount"],
  ["Migarte", "Migrate"],
  ["worklfow", "Workflow"],
  ["GetVShema", "GetVSchema"],
  ["apply", "ApplyVSchema"],
  ["vd", "VDiff"],
  ["x", undefined],
  ["Reshard", undefined],
])("%s: %s", (typed, expected) => {
  expect(closest(typed, names)).toBe(expected);
});
