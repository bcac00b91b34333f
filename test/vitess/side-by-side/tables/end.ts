/** Migrate Complete and Cancel of workflows that either tool has made. */
import type { Case, Difference, Given, Table } from "../case.js";
import { sharded, sql, typed, typedByUs, unmounted, vschema } from "../given.js";
import { otherWords, ourRecord } from "../reasons.js";

const create = (options: string) => `Migrate --cells zx --source ext1.commerce ${options} Create commerce.wf`;
const stopped = typed("Workflow commerce.wf stop");
const entries = vschema("commerce", { tables: { items: { columns: [{ name: "id" }] }, kept: {} } });
const compared = typed(
  "VDiff --source_cell zx --target_cell zone1 commerce.wf create 11111111-2222-3333-4444-555555555555",
);

const looksFirst: Difference = {
  in: [
    "exit",
    "stdout",
    "error",
    "vreplication.",
    "topology /vitess/global/keyspaces/commerce/VSchema",
    "topology /vitess/zone1/SrvVSchema",
  ],
  because: "**Complete looks first**",
};

const entriesStay: Difference = {
  in: ["topology /vitess/global/keyspaces/commerce/VSchema", "topology /vitess/zone1/SrvVSchema"],
  because: "Entries that the target's VSchema already has are left as they are, not emptied.",
};
const keptEntries: Difference = {
  in: ["topology /vitess/global/keyspaces/commerce/VSchema"],
  because: "no entry of the VSchema that was there before",
};
const tableGone: Difference = {
  in: ["exit", "stdout", "error"],
  because: "A table that is gone already is passed over",
};
const withoutMount: Difference = {
  in: ["exit", "stdout", "error", "vreplication.", "table "],
  because: "Cancel works without the mount.",
};
const dryRun: Difference = {
  in: ["exit", "stdout", "error"],
  because: "`Create -dry_run` and `Cancel -dry_run` print the steps",
};

interface Maker {
  who: string;
  make(options: string): Given;
  /** vtmigrate's line for a Cancel that drops the tables. */
  cancel: string;
  differs: Difference[];
}

const makers: Maker[] = [
  {
    who: "vtctlclient",
    make: (options) => typed(create(options)),
    cancel: "Migrate --force Cancel commerce.wf",
    differs: [],
  },
  {
    who: "vtmigrate",
    make: (options) => typedByUs(create(options)),
    cancel: "Migrate Cancel commerce.wf",
    differs: [ourRecord],
  },
];

function casesOf({ who, make, cancel, differs }: Maker): Case[] {
  const made = make("--all");
  const row = (name: string, line: string, given: Given[], more: Partial<Case> = {}): Case => ({
    name: `${name}, of a workflow made by ${who}`,
    line,
    given,
    differs,
    ...more,
  });
  const cancelled = { ours: cancel };
  return [
    row("Complete", "Migrate Complete commerce.wf", [made]),
    row("complete", "Migrate complete commerce.wf", [made]),
    row("Complete with options", "Migrate --keep_data --rename_tables --timeout 10s Complete commerce.wf", [made]),
    row("Complete beside entries in the VSchema", "Migrate Complete commerce.wf", [entries, made], {
      differs: [...differs, entriesStay],
    }),
    row("Complete when stopped", "Migrate Complete commerce.wf", [made, stopped], { differs: [looksFirst] }),
    row("Complete when not started", "Migrate Complete commerce.wf", [make("--all --auto_start=false")], {
      differs: [looksFirst],
    }),
    row("Complete after -stop_after_copy", "Migrate Complete commerce.wf", [make("--all --stop_after_copy")]),
    row("Complete, unmounted", "Migrate Complete commerce.wf", [made, unmounted], {
      differs: [otherWords(looksFirst.because)],
    }),
    row("Complete with a VDiff", "Migrate Complete commerce.wf", [made, compared]),
    row("Complete's dry run", "Migrate --dry_run Complete commerce.wf", [made], { differs: [] }),
    row("Cancel", "Migrate Cancel commerce.wf", [made], cancelled),
    row("Cancel that keeps the data", "Migrate --keep_data Cancel commerce.wf", [made]),
    row("Cancel beside entries in the VSchema", "Migrate Cancel commerce.wf", [entries, made], {
      ...cancelled,
      differs: [...differs, keptEntries],
    }),
    row("Cancel when stopped", "Migrate Cancel commerce.wf", [made, stopped], cancelled),
    row("Cancel when not started", "Migrate Cancel commerce.wf", [make("--all --auto_start=false")], cancelled),
    row("Cancel without one of the tables", "Migrate Cancel commerce.wf", [made, sql("drop table other")], {
      ...cancelled,
      differs: [...differs, tableGone],
    }),
    row("Cancel, unmounted", "Migrate Cancel commerce.wf", [made, unmounted], {
      ...cancelled,
      differs: [...differs, withoutMount],
    }),
    row("Cancel with a VDiff", "Migrate --keep_data Cancel commerce.wf", [made, compared]),
    row("Cancel's dry run", "Migrate --dry_run Cancel commerce.wf", [made], {
      differs: [dryRun],
      ours: cancel.replace("Migrate", "Migrate --dry_run"),
    }),
    row("SwitchTraffic", "Migrate SwitchTraffic commerce.wf", [made], { differs: [] }),
    row("Show", "Migrate Show commerce.wf", [made], { differs: [] }),
    row("an unknown on-ddl", "Migrate --on-ddl nonsense Complete commerce.wf", [made], { differs: [] }),
  ];
}

const cases: Case[] = [
  ...makers.flatMap(casesOf),
  { name: "Complete in shards", line: "Migrate Complete shop.wf", given: sharded, differs: [ourRecord] },
  { name: "Complete's dry run in shards", line: "Migrate --dry_run Complete shop.wf", given: sharded },
  { name: "Cancel in shards", line: "Migrate Cancel shop.wf", given: sharded, differs: [ourRecord] },
  {
    name: "Cancel in shards that keeps the data",
    line: "Migrate --keep_data Cancel shop.wf",
    given: sharded,
    differs: [ourRecord],
  },
];

export const endTable: Table = { name: "Migrate Complete and Cancel", cases };
