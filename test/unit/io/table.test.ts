import { expect, it } from "vitest";
import { formatTable } from "../../../src/io/table.js";
import { recorded } from "../../support/recording.js";

it("prints the recorded result of Workflow stop", () => {
  const rows = [["zone1-0000000001", "1"]];
  expect(formatTable(["Tablet", "RowsAffected"], rows)).toBe(
    recorded("vtctlclient-v22.0.3.txt", "Workflow commerce.wf stop").stdout,
  );
});

it("prints the recorded result of two shards", () => {
  const rows = [
    ["zone1-0000000003", "1"],
    ["zone1-0000000004", "1"],
  ];
  expect(formatTable(["Tablet", "RowsAffected"], rows)).toBe(
    recorded("vtctlclient-v22.0.3-two-shards.txt", "Workflow customer.sh stop").stdout,
  );
});

it("wraps long cells at words, as evenly as the recorded dry run", () => {
  const source =
    'keyspace:"commerce" shard:"0" filter:{rules:{match:"corder" filter:"select * from corder"} rules:{match:"customer" filter:"select * from customer"} rules:{match:"product" filter:"select * from product"}} external_cluster:"ext1"';
  const { stdout } = recorded("vtctlclient-v22.0.3.txt", "Workflow --dry-run commerce.wf start");
  const table = stdout
    .split("\n")
    .filter((line) => /^[+|]/.test(line))
    .map((line) => `${line}\n`)
    .join("");
  const headers = ["Tablet", "ID", "BinLogSource", "State", "DBName", "Current GTID"];
  const row = [
    "0/zone1-0000000001",
    "5",
    source,
    "Stopped",
    "vt_commerce",
    "0161eb37-e68d-11f1-a320-02fc00000001:1-62",
  ];
  expect(formatTable(headers, [row], { upperCaseHeaders: true })).toBe(table);
});

it("puts rules between rows, and names what several share once", () => {
  const long = 'keyspace:"commerce" shard:"0" filter:{rules:{match:"items"';
  const rows = [
    ["-80/zone1-0000000210", long, "6"],
    ["-80/zone1-0000000210", "short", "7"],
    ["80-/zone1-0000000220", "short", "6"],
  ];
  expect(formatTable(["Tablet", "BinLogSource", "ID"], rows, { upperCaseHeaders: true, rowLines: true })).toBe(
    `+----------------------+--------------------------------+----+
|        TABLET        |          BINLOGSOURCE          | ID |
+----------------------+--------------------------------+----+
| -80/zone1-0000000210 | keyspace:"commerce" shard:"0"  |  6 |
|                      | filter:{rules:{match:"items"   |    |
+                      +--------------------------------+----+
|                      | short                          |  7 |
+----------------------+--------------------------------+----+
| 80-/zone1-0000000220 | short                          |  6 |
+----------------------+--------------------------------+----+
`,
  );
});

it("aligns wide characters by their columns", () => {
  expect(formatTable(["a"], [["表"], ["b"]])).toBe("+----+\n| a  |\n+----+\n| 表 |\n| b  |\n+----+\n");
});
