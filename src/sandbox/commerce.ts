import { Random } from "./random.js";

/**
 * The tables of Vitess's examples (examples/common/create_commerce_schema.sql), with a table that has a
 * column of each common MySQL type, and a table without a key.
 */
export const commerceSchema: readonly string[] = [
  "create table product(sku varbinary(128), description varbinary(128), price bigint, primary key(sku))",
  "create table customer(customer_id bigint not null auto_increment, email varbinary(128), primary key(customer_id))",
  "create table corder(order_id bigint not null auto_increment, customer_id bigint, sku varbinary(128), price bigint, primary key(order_id))",
  `create table kinds(
  id bigint unsigned not null,
  part varchar(20) character set utf8mb4 collate utf8mb4_0900_ai_ci not null,
  tiny tinyint,
  small smallint unsigned,
  medium mediumint,
  plain int,
  amount decimal(20,4),
  ratio float,
  exact double,
  flags bit(10),
  born date,
  at_time time(3),
  made datetime(6),
  seen timestamp null,
  year_made year,
  code char(4),
  title varchar(100),
  body text,
  digest binary(4),
  raw varbinary(32),
  picture blob,
  doc json,
  size enum('small','medium','large'),
  tags set('a','b','c'),
  primary key(id, part)
)`,
  "create table notes(author varchar(40), written datetime, note varchar(200))",
];

export const commerceTables = ["product", "customer", "corder", "kinds", "notes"] as const;

const batch = 500;

const columns: Record<(typeof commerceTables)[number], string> = {
  product: "sku, description, price",
  customer: "customer_id, email",
  corder: "order_id, customer_id, sku, price",
  kinds:
    "id, part, tiny, small, medium, plain, amount, ratio, exact, flags, born, at_time, made, seen, year_made, " +
    "code, title, body, digest, raw, picture, doc, size, tags",
  notes: "author, written, note",
};

/**
 * INSERT statements for the tables of `commerceSchema`: `rows` customers and as many orders, at most 100
 * products, kinds and notes. The same `rows` gives the same statements.
 */
export function* commerceRows(rows: number): Generator<string> {
  const random = new Random(rows);
  const few = Math.min(rows, 100);
  yield* inserts("product", few, (i) => `'SKU-${1000 + i}', '${random.word(8)}', ${random.integer(1, 500)}`);
  yield* inserts("customer", rows, (i) => `${i}, '${random.word(6)}${i}@domain.com'`);
  yield* inserts("corder", rows, (i) => {
    const sku = random.integer(1, Math.max(few, 1));
    return `${i}, ${random.integer(1, rows)}, 'SKU-${1000 + sku}', ${random.integer(1, 500)}`;
  });
  yield* inserts("kinds", few, (i) => kind(i, random));
  yield* inserts("notes", few, (i) => `'author ${random.word(5)}', '2024-02-${day(i)} 10:20:30', 'note ${i}'`);
}

/** Columns are named: over shards Vitess needs to know which value is the vindex column's. */
function* inserts(table: (typeof commerceTables)[number], rows: number, row: (i: number) => string): Generator<string> {
  for (let from = 1; from <= rows; from += batch) {
    const values: string[] = [];
    for (let i = from; i < from + batch && i <= rows; i += 1) values.push(`(${row(i)})`);
    yield `insert into ${table}(${columns[table]}) values ${values.join(", ")}`;
  }
}

const titles = ["plain", "it\\'s", "Straße", "snow ☃ man", "back\\\\slash", "", "naïve", "日本語", "Ωmega"] as const;

/** Every third row is NULL wherever it can be. */
function kind(i: number, random: Random): string {
  const key = `${i}, '${["north", "South", "éast", "west"][i % 4]}'`;
  if (i % 3 === 0) return `${key}${", null".repeat(22)}`;
  const hex = (bytes: number) =>
    Array.from({ length: bytes }, () => random.integer(0, 255).toString(16).padStart(2, "0")).join("");
  return [
    key,
    random.integer(-128, 127),
    random.integer(0, 65_535),
    random.integer(-8_388_608, 8_388_607),
    random.integer(-2_147_483_648, 2_147_483_647),
    `${random.integer(-999_999, 999_999)}.${random.integer(0, 9_999)}`,
    random.integer(-1000, 1000) / 8,
    random.integer(-1_000_000, 1_000_000) / 64,
    `b'${random.integer(0, 1023).toString(2)}'`,
    `'20${day(i)}-0${1 + (i % 9)}-${day(i)}'`,
    `'${i % 2 === 0 ? "-" : ""}${random.integer(0, 838)}:${day(i)}:30.125'`,
    `'1999-12-31 23:59:59.${String(random.integer(0, 999_999)).padStart(6, "0")}'`,
    `'2024-02-${day(i)} 01:02:03'`,
    random.integer(1901, 2155),
    `'${random.word(3)}'`,
    `'${random.pick(titles)}'`,
    `'${random.word(30)}\\n${random.pick(titles)}'`,
    `x'${hex(4)}'`,
    `x'${hex(random.integer(0, 16))}'`,
    `x'00${hex(random.integer(1, 32))}'`,
    `'{"n": ${i}, "list": [1, null, "${random.word(3)}"]}'`,
    `'${random.pick(["small", "medium", "large"])}'`,
    `'${random.pick(["a", "a,c", "b,c", ""])}'`,
  ].join(", ");
}

function day(i: number): string {
  return String(10 + (i % 19)).padStart(2, "0");
}
