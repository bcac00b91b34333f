import { describe, expect, it } from "vitest";
import { PreflightError } from "../../../src/errors.js";
import { checkConvertedColumns } from "../../../src/migrate/create/time-zone.js";
import type { Capabilities } from "../../../src/tablet/capabilities.js";

const able = (...columns: string[]): Capabilities => ({
  columns: new Set(columns),
  beforeV12: false,
  maxSourceBytes: 16_777_215,
});
const v14 = able("workflow_type");
const v15 = able("workflow_type", "workflow_sub_type");

const table = (name: string, definitions: string) => ({ name, schema: `CREATE TABLE \`${name}\` (${definitions})` });
const byTime = table(
  "by time",
  "`id` int NOT NULL, `at` datetime(6) NOT NULL, `made` datetime, PRIMARY KEY (`id`,`at`)",
);
const keyless = table("keyless", "`id` int, `at` datetime");
const equivalent = table("equivalent", "`id` int NOT NULL, `at` datetime, UNIQUE KEY `u` (`id`)");
const plain = table("plain", "`id` int NOT NULL, `made` datetime, `datetime` timestamp, PRIMARY KEY (`id`)");
const none = table("none", "`id` int NOT NULL, `born` date, `datetime` varchar(9), PRIMARY KEY (`id`)");
const no = { force: false };

describe("checkConvertedColumns", () => {
  it("accepts what can be converted everywhere", () => {
    expect(checkConvertedColumns([equivalent, plain, none], [v15], no)).toEqual([]);
    expect(checkConvertedColumns([none], [v14], no)).toEqual([]);
  });

  it("refuses DATETIME columns that rows are found by, and names them", () => {
    const check = () => checkConvertedColumns([byTime, keyless, equivalent, plain], [v15], no);
    expect(check).toThrow(PreflightError);
    expect(check).toThrow(/updates and deletes would miss them: `by time`\.at, keyless\.at$/);
  });

  it("refuses the others too when one target is v14", () => {
    const check = () => checkConvertedColumns([byTime, plain], [v15, v14], no);
    expect(check).toThrow("would miss them: `by time`.at; Vitess v14 converts what is inserted");
    expect(check).toThrow(/: `by time`\.made, plain\.made$/);
  });

  it("says the same with -force, and goes on", () => {
    expect(checkConvertedColumns([byTime, plain], [v14], { force: true })).toEqual([
      expect.stringMatching(/^Overruled by -force: rows are found by .*: `by time`\.at$/),
      expect.stringMatching(/^Overruled by -force: Vitess v14 converts .*: `by time`\.made, plain\.made$/),
    ]);
  });
});
