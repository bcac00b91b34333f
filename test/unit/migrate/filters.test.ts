import { expect, it } from "vitest";
import { rowsByRange, wholeTable } from "../../../src/migrate/create/routes/filters.js";

it("select a whole table", () => {
  expect(wholeTable("customer")).toEqual({ match: "customer", filter: "select * from customer" });
  expect(wholeTable("order").filter).toBe("select * from `order`");
});

it("are to the letter what vtctld writes", () => {
  expect(rowsByRange("customer", ["cid"], { name: "customer.hash" })("-80").filter).toBe(
    "select * from customer where in_keyrange(cid, 'customer.hash', '-80')",
  );
  expect(rowsByRange("order", ["cid"], { name: "customer.hash" })("80-").filter).toBe(
    "select * from `order` where in_keyrange(cid, 'customer.hash', '80-')",
  );
  expect(rowsByRange("t", ["a b", "key"], { name: "k's.m" })("40-80").filter).toBe(
    "select * from t where in_keyrange(`a b`, `key`, 'k\\'s.m', '40-80')",
  );
});

it("leave column and vindex to the source where it has them", () => {
  expect(rowsByRange("t", ["id"], { own: true })("-80").filter).toBe("select * from t where in_keyrange('-80')");
});
