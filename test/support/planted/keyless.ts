import { type Hazard, numbered } from "./hazard.js";

/** Tables without a primary key: a row's number may stand for several that are equal. */
export const keyless: Hazard[] = [
  {
    name: "keyless",
    keyless: true,
    definition: "v varchar(10), w int",
    columns: "v, w",
    rows: numbered(["'first', 1", "'b', 1", "'c', null", "'d', 2", "'é', 3", "null, null", "'last', 1"]),
    missing: 1,
    changed: { 2: "w = 0", 4: "v = 'e'", 5: "v = ''" },
  },
  {
    name: "keyless_unique",
    keyless: true,
    definition: "u int not null unique, v varchar(10)",
    columns: "u, v",
    rows: numbered(["0, 'v'", "1, 'v'", "2, 'v'", "3, 'v'", "4, 'v'", "5, 'v'"]),
    missing: 1,
    changed: { 2: "v = null", 3: "u = 30", 4: "v = ''" },
  },
  {
    name: "keyless_nullable",
    keyless: true,
    definition: "u int unique, v varchar(10), j json",
    columns: "u, v, j",
    rows: numbered(["0, 'v', '1'", "1, 'v', '1'", "null, 'v', '1'", "null, 'w', '[1]'", "4, 'v', null", "5, 'v', '1'"]),
    missing: 1,
    changed: { 2: "u = 7", 3: "j = '[2]'", 4: "u = null" },
  },
];
