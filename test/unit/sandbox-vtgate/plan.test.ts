import { describe, expect, it } from "vitest";
import { SqlError } from "../../../src/sandbox/vtgate/errors.js";
import { parseStatement } from "../../../src/sandbox/vtgate/parse.js";
import { type Plan, planQuery } from "../../../src/sandbox/vtgate/plan.js";
import { formatTarget, parseTarget } from "../../../src/sandbox/vtgate/target.js";
import { Vschema } from "../../../src/sandbox/vtgate/vschema.js";
import { encode, type MessageInput } from "../../../src/wire/proto.js";

function vschemaOf(message: MessageInput<"vschema.SrvVSchema">): Vschema {
  return new Vschema(encode("vschema.SrvVSchema", message));
}

const two = vschemaOf({
  keyspaces: {
    commerce: { tables: { customer: {}, shared: {} } },
    stock: { tables: { product: {}, shared: {} } },
    orders: { sharded: true, tables: { corder: {} } },
    shy: { require_explicit_routing: true, tables: { hidden: {} } },
  },
  routing_rules: {
    rules: [
      { from_table: "moved", to_tables: ["stock.moved"] },
      { from_table: "commerce.moved", to_tables: ["stock.moved"] },
      { from_table: "gone", to_tables: [] },
      { from_table: "renamed", to_tables: ["stock.other"] },
    ],
  },
});
const alone = vschemaOf({ keyspaces: { commerce: {} } });

function plan(sql: string, database: string, vschema: Vschema): Plan {
  const statement = parseStatement(sql);
  if (statement.kind !== "query") throw new Error(statement.kind);
  return planQuery(statement, parseTarget(database), vschema);
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SqlError) return `${error.errno} ${error.sqlState} ${error.message}`;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("planQuery", () => {
  it.each([
    ["select * from customer", "", "commerce"],
    ["select * from product", "commerce", "commerce"],
    ["select * from stock.product", "commerce", "stock"],
    ["select * from unlisted", "commerce", "commerce"],
    ["select * from `stock@replica`.unlisted", "", "stock@replica"],
    ["select * from customer", "@replica", "commerce@replica"],
    ["select * from customer", "commerce:0@rdonly", "commerce:0@rdonly"],
    ["select * from moved", "", "stock"],
    ["select * from commerce.moved", "", "stock"],
    ["select * from shy.hidden", "", "shy"],
    ["select * from information_schema.tables", "stock", "stock"],
    ["select 1", "", "commerce"],
  ])("%s with database %j goes to %s", (sql, database, expected) => {
    expect(formatTarget(plan(sql, database, two).target)).toBe(expected);
  });

  it("routes unlisted tables to the only keyspace when it isn't sharded", () => {
    expect(plan("select * from anything", "", alone).target.keyspace).toBe("commerce");
    const sharded = vschemaOf({ keyspaces: { orders: { sharded: true } } });
    expect(refusal(() => plan("select * from anything", "", sharded))).toBe("1146 42S02 table anything not found");
  });

  it.each([
    ["select * from unlisted", "", "1146 42S02 table unlisted not found"],
    ["select * from hidden", "", "1146 42S02 table hidden not found"],
    ["select * from orders.unlisted", "", "1146 42S02 table unlisted not found"],
    ["select * from shared", "", "1105 HY000 ambiguous table reference: shared"],
    ["select * from nope.customer", "", "1049 42000 VT05003: unknown database 'nope' in vschema"],
    ["select 1", "nope", "1049 42000 VT05003: unknown database 'nope' in vschema"],
    ["select * from gone", "", "1105 HY000 table gone has been disabled"],
    [
      "select * from customer, product",
      "",
      "1235 42000 VT12001: unsupported: a query over the keyspaces commerce and stock",
    ],
    [
      "delete from customer",
      "commerce@replica",
      "1235 42000 VT12001: unsupported: replica tablets take no writes; use the primary",
    ],
    ["select * from renamed", "", "1235 42000 VT12001: unsupported: a routing rule that renames renamed to other"],
  ])("%s with database %j: %s", (sql, database, expected) => {
    expect(refusal(() => plan(sql, database, two))).toBe(expected);
  });

  it.each([
    [
      "select commerce.customer.email, 'commerce.customer' from commerce . customer where customer.id = 1",
      "select customer.email, 'commerce.customer' from customer where customer.id = 1",
    ],
    [
      "insert into `commerce`.`customer`(email) select email from commerce.`shared`",
      "insert into `customer`(email) select email from `shared`",
    ],
    ["alter table commerce.customer rename to commerce.client", "alter table customer rename to client"],
    [
      "delete commerce.customer from commerce.Customer join commerce.customer",
      "delete customer from Customer join customer",
    ],
    ["select commerce.id from customer commerce", "select commerce.id from customer commerce"],
    ["select * from information_schema.tables", "select * from information_schema.tables"],
  ])("%s runs as %s", (sql, expected) => {
    expect(plan(sql, "commerce", two).sql).toBe(expected);
  });

  it("has no keyspace for anything in an empty cell", () => {
    expect(refusal(() => plan("select 1", "", new Vschema(undefined)))).toContain("no database selected");
  });
});

describe("parseTarget", () => {
  it.each(["commerce", "commerce@replica", "commerce:-80", "commerce:80-@rdonly", "@replica", ""])(
    "reads %j",
    (text) => {
      expect(formatTarget(parseTarget(text))).toBe(text);
    },
  );

  it("takes a slash, and the old word for a primary", () => {
    expect(parseTarget("commerce/0@master")).toEqual({ keyspace: "commerce", shard: "0", tabletType: "PRIMARY" });
  });

  it("refuses a type that isn't one", () => {
    expect(refusal(() => parseTarget("commerce@boss"))).toContain("1049 42000");
  });
});
