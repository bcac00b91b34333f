/** VDiff where streams convert the source's times: what arrived as it should is equal, whatever a clock did. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ProfileName } from "../../src/sandbox/tablet/profiles.js";
import { Lab, sql } from "../support/lab.js";

const times = [
  "'2024-07-01 12:00:00'",
  "'2024-01-01 12:00:00'",
  // Berlin's clocks skip this hour, and repeat the next one.
  "'2024-03-31 01:59:59'",
  "'2024-03-31 02:00:00'",
  "'2024-03-31 02:30:00'",
  "'2024-03-31 02:59:59'",
  "'2024-03-31 03:00:00'",
  "'2024-10-27 02:00:00'",
  "'2024-10-27 02:30:00'",
  "'2024-10-27 03:00:00'",
  // Next to where MySQL begins to convert, and beyond it.
  "'1970-01-01 00:30:00'",
  "'1970-01-01 01:30:00'",
  "'1900-01-01 00:00:00'",
  "'9999-12-31 23:59:59'",
  "null",
];

describe.each<[ProfileName, string[]]>([
  ["v14", ["0"]],
  ["v22", ["-80", "80-"]],
])("on %s, to shards %j", { timeout: 120_000 }, (profile, targetShards) => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.start({
      typesHere: true,
      sourceProfile: profile,
      targetProfile: profile,
      targetShards,
      statements: () => [
        "create table customer (customer_id bigint not null primary key, at datetime, exact datetime(6), seen timestamp null, born date, told varchar(30))",
        "create table corder (customer_id bigint not null, made datetime not null, note varchar(20), primary key (customer_id, made))",
        "create table notes (author varchar(40), written datetime, note varchar(200))",
        ...times.flatMap((time, i) => [
          `insert into customer values (${i}, ${time}, ${time.replace(/'$/, ".123456'")}, '2024-07-01 12:00:00', '2024-07-01', ${time})`,
          `insert into notes values ('a', ${time}, 'same'), ('a', ${time}, 'same')`,
          ...(time === "null" ? [] : [`insert into corder values (${i}, ${time}, 'n')`]),
        ]),
      ],
    });
    const created = await lab.type(
      "Migrate -all -source ext1.commerce -source_time_zone Europe/Berlin -force -wait Create commerce.wf",
    );
    expect([created.code, created.stderr]).toEqual([0, expect.any(String)]);
  }, 120_000);

  afterAll(() => lab?.close());

  async function counts(): Promise<Record<string, (number | undefined)[]>> {
    const { stdout } = await lab.type("VDiff -format json commerce.wf");
    const reports: Record<string, Record<string, number>> = JSON.parse(stdout);
    return Object.fromEntries(
      Object.entries(reports).map(([table, report]) => [
        table,
        [report.MatchingRows, report.MismatchedRows, report.ExtraRowsSource, report.ExtraRowsTarget],
      ]),
    );
  }

  function onTargets(statement: string): void {
    for (const primary of lab.primaries("target")) sql(primary, statement);
  }

  it("all is equal, and what can't be told apart is said", async () => {
    const stored = lab
      .primaries("target")
      .flatMap((primary) => sql(primary, "select at from customer where customer_id = 0"));
    expect(stored).toEqual([{ at: "2024-07-01 10:00:00" }]);
    const { code, stderr, stdout } = await lab.type("VDiff commerce.wf");
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toContain("datetime columns are compared as times of Europe/Berlin");
    expect(await counts()).toEqual({
      corder: [times.length - 1, 0, 0, 0],
      customer: [times.length, 0, 0, 0],
      notes: [2 * times.length, 0, 0, 0],
    });
  });

  it("times that aren't what the stream makes of them are differences", async () => {
    // Ordinary; in the skipped hour; by less than a second; not converted at all.
    onTargets("update customer set at = at + interval 1 second where customer_id = 1");
    onTargets("update customer set at = at + interval 1 hour where customer_id = 4");
    onTargets("update customer set exact = exact + interval 1 microsecond where customer_id = 7");
    onTargets("update customer set at = '2024-03-31 02:59:59' where customer_id = 5");
    onTargets("update corder set made = made + interval 1 day where customer_id = 4");
    onTargets("delete from notes where written = '2024-03-31 01:00:00' limit 1");
    onTargets("update customer set seen = seen + interval 1 hour where customer_id = 8");
    const found = await counts();
    expect(found.customer).toEqual([times.length - 5, 5, 0, 0]);
    expect(found.corder).toEqual([times.length - 2, 0, 1, 1]);
    expect(found.notes?.slice(1, 2)).toEqual([0]);
    expect(found.notes?.[2]).toBeGreaterThanOrEqual(1);
    expect(found.notes?.[3]).toBe(0);
  });

  it("shows both sides' rows with the source's times", async () => {
    const { stdout } = await lab.type("VDiff -format json -tables customer commerce.wf");
    const samples: { Source: { Row: Record<string, unknown> }; Target: { Row: Record<string, unknown> } }[] =
      JSON.parse(stdout).customer.MismatchedRowsSample;
    const first = samples.find(({ Source }) => Source.Row.customer_id === 1);
    expect([first?.Source.Row.at, first?.Target.Row.at]).toEqual(["2024-01-01 12:00:00", "2024-01-01 12:00:01"]);
  });
});

it("a target whose MySQL has forgotten the zones is refused", { timeout: 120_000 }, async () => {
  const lab = await Lab.start({ typesHere: true, rows: 5 });
  try {
    const created = await lab.type(
      "Migrate -all -source ext1.commerce -source_time_zone Europe/Berlin -force -wait Create commerce.wf",
    );
    expect([created.code, created.stderr]).toEqual([0, expect.any(String)]);
    const source = String(lab.streams()[0]?.source).replaceAll("Europe/Berlin", "Mars/Olympus");
    sql(lab.primary("target"), `update _vt.vreplication set source = '${source.replaceAll("'", "''")}'`);
    const { code, stdout, stderr } = await lab.type("VDiff commerce.wf");
    expect({ code, stdout }).toEqual({ code: 9, stdout: "" });
    expect(stderr).toContain(
      "VDiff Error: unable to perform time_zone conversions from UTC to Mars/Olympus on zone2-0000000200",
    );
    expect(lab.streams()[0]).toMatchObject({ state: "Running", message: "" });
  } finally {
    await lab.close();
  }
});
