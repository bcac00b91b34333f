import { shardedCommerce } from "../../../src/sandbox/commerce-vschema.js";
import type { SandboxTablet } from "../../../src/sandbox/tablet/tablet.js";
import { keyRangeContains, parseKeyRange } from "../../../src/wire/key-range.js";
import { keyspaceIdFunction } from "../../../src/wire/keyspace-id/keyspace-id.js";
import { type Lab, sql } from "../lab.js";

/** Differences of one table, by the values of its key; of a table without one, by the whole row. */
export interface Differences {
  mismatched: string[];
  missing: string[];
  extra: string[];
}

/** The columns that tell the commerce tables' rows apart. */
export const keys: Record<string, string[]> = {
  product: ["sku"],
  customer: ["customer_id"],
  corder: ["order_id"],
  kinds: ["id", "part"],
  notes: ["author", "written", "note"],
};

/**
 * Plants differences of every kind in the target's commerce tables: rows that are changed, missing and left over, first
 * and last ones, on the first and on the last shard. What was planted, by table.
 */
export function plantInCommerce(lab: Lab): Record<string, Differences> {
  const primaries = lab.primaries("target");
  const first = primaries.at(0) ?? lab.primary("target");
  const last = primaries.at(-1) ?? first;
  const customer = newId(last);
  sql(
    last,
    `insert into customer (customer_id, email) values (${customer}, 'more')`,
    `insert into corder (order_id, customer_id, sku, price) values (1000000, ${customer}, 'SKU-1001', 1)`,
    "insert into product values ('SKU-9', 'more', 1)",
    "update product set price = -1 where sku = 'SKU-1005'",
  );
  sql(
    first,
    "delete from product where sku = 'SKU-1001'",
    "update product set description = null where sku = 'SKU-1060'",
  );
  return {
    customer: {
      mismatched: [change(first, "customer", "min", "email = concat(email, ' ')")],
      missing: [remove(last, "customer", "max", `where customer_id < ${customer}`)],
      extra: [customer],
    },
    corder: {
      mismatched: [change(last, "corder", "max", "price = price + 1", "where order_id < 1000000")],
      missing: [remove(first, "corder", "min")],
      extra: ["1000000"],
    },
    product: { mismatched: ["SKU-1005", "SKU-1060"], missing: ["SKU-1001"], extra: ["SKU-9"] },
    kinds: {
      mismatched: [
        change(first, "kinds", "max", "doc = '{\"n\": 1.5}', tags = 'b'"),
        change(last, "kinds", "min", "seen = '2024-02-11 01:02:04', part = part"),
      ].sort(),
      missing: [],
      extra: [],
    },
    notes: { mismatched: [], missing: [lose(first)], extra: [repeat(last)] },
  };
}

/** Changes a shard's first or last row; its key. */
function change(tablet: SandboxTablet, table: string, end: "min" | "max", assignments: string, where = ""): string {
  const { key, condition } = rowAt(tablet, table, end, where);
  sql(tablet, `update ${table} set ${assignments} where ${condition}`);
  return key;
}

function remove(tablet: SandboxTablet, table: string, end: "min" | "max", where = ""): string {
  const { key, condition } = rowAt(tablet, table, end, where);
  sql(tablet, `delete from ${table} where ${condition}`);
  return key;
}

function rowAt(tablet: SandboxTablet, table: string, end: "min" | "max", where: string) {
  const columns = keys[table] ?? [];
  const order = columns.map((column) => `${column} ${end === "min" ? "asc" : "desc"}`).join(", ");
  const [row] = sql(tablet, `select ${columns.join(", ")} from ${table} ${where} order by ${order} limit 1`);
  if (row === undefined) throw new Error(`${tablet.alias} has no rows in ${table}`);
  const condition = columns.map((column) => `${column} = '${row[column]}'`).join(" and ");
  return { key: Object.values(row).join(" "), condition };
}

/** A note less, of which there may be others alike. */
function lose(tablet: SandboxTablet): string {
  const [note] = sql(tablet, "select * from notes order by author, note limit 1");
  sql(tablet, `delete from notes where author = '${note?.author}' and note = '${note?.note}' limit 1`);
  return Object.values(note ?? {}).join(" ");
}

/** A note twice. */
function repeat(tablet: SandboxTablet): string {
  const [note] = sql(tablet, "select * from notes order by author desc, note desc limit 1");
  const values = Object.values(note ?? {});
  sql(tablet, `insert into notes (author, written, note) values ('${values.join("', '")}')`);
  return values.join(" ");
}

/** A customer's id that nobody has, and that belongs on this shard. */
function newId({ shard }: SandboxTablet): string {
  const hash = keyspaceIdFunction(shardedCommerce.vindexes?.hash?.type ?? "");
  const range = shard === "0" ? undefined : parseKeyRange(shard);
  for (let id = 1_000_000; ; id++) {
    const keyspaceId = hash?.([Buffer.from(String(id))]);
    if (range === undefined || (keyspaceId && keyRangeContains(range, keyspaceId))) return String(id);
  }
}
