import type { ProfileName } from "../../../src/sandbox/tablet/profiles.js";

export interface Shape {
  source: string[];
  target: string[];
}

const one = ["0"];
const two = ["-80", "80-"];
const four = ["-40", "40-80", "80-c0", "c0-"];

/** By the shards' names. */
export const shapes: Shape[] = [
  { source: one, target: one },
  { source: one, target: two },
  { source: two, target: two },
  { source: two, target: four },
  { source: four, target: two },
  { source: ["-20", "20-80", "80-"], target: ["-60", "60-c0", "c0-"] },
  { source: two, target: one },
];

export interface Versions {
  source: ProfileName;
  target: ProfileName;
}

export const versions: Versions[] = [
  { source: "v11", target: "v11" },
  { source: "v14", target: "v14" },
  { source: "v16", target: "v16" },
  { source: "v18", target: "v18" },
  { source: "v22", target: "v22" },
  { source: "main", target: "main" },
  { source: "v11", target: "v22" },
  { source: "v22", target: "v11" },
];

export interface Option {
  flags: string;
  /** What of the source isn't copied. */
  leavesOut?: string[];
  /** Create leaves the streams stopped. */
  startsLater?: boolean;
  /** What is written after the copy stays behind. */
  endsWithCopy?: boolean;
  /** Tables with values that are stored otherwise on the target. */
  changes?: string[];
  /** Targets that refuse it, with what they say. */
  refusedBy?: Partial<Record<ProfileName, string>>;
}

export const options: Option[] = [
  { flags: "-all -tablet_types REPLICA" },
  { flags: "-tables customer,corder,notes -stop_after_copy", leavesOut: ["kinds", "product"], endsWithCopy: true },
  { flags: "-all -exclude kinds -auto_start=false", leavesOut: ["kinds"], startsLater: true },
  { flags: "-all -defer-secondary-keys" },
  {
    flags: "-all -exclude notes -source_time_zone Europe/Berlin",
    leavesOut: ["notes"],
    changes: ["kinds"],
    refusedBy: {
      v11: "tablets older than Vitess v14 can't convert time zones",
      v14: "Vitess v14 converts what is inserted, and not what is updated later: kinds.made",
    },
  },
  { flags: "-all -drop_foreign_keys -on-ddl EXEC" },
];

/** Of the target, whose source is `commerce`. */
export const keyspaces = ["commerce", "shop"];
