/** The commands that faults are injected into, and the steps in which they do their work. */
import { clusterShape } from "../../../src/sandbox/cluster/shape.js";
import { shardedCommerce } from "../../../src/sandbox/commerce-vschema.js";
import type { LabOptions } from "../../support/lab.js";
import type { Place } from "../../support/network.js";

export interface StepFacts {
  /** How its line in the log begins; "" is all that comes before the first step. */
  name: string;
  /** Where faults are injected at this step: what it talks to, of several target shards the last one. */
  places: readonly Place[];
  /** One answer comes, and none after it in later steps. */
  hasLastAnswer?: boolean;
}

export interface Subject {
  name: string;
  command: "Create" | "Complete" | "Cancel" | "VDiff";
  lab: LabOptions;
  /** What is typed, without the flags of a fault. */
  words: readonly string[];
  /** In the order in which they are done. */
  steps: readonly StepFacts[];
}

/** Of another workflow, and announced; no command may touch them. */
export const foreignTable = "theirs";
export const tables = ["corder", "customer", "kinds", "notes", "product"];

const hash = (column: string) => ({ columnVindexes: [{ column, name: "hash" }] });
/** The entry of kinds is missing in the target's VSchema, so that Create brings it. */
const spec = {
  corder: hash("customer_id"),
  customer: hash("customer_id"),
  kinds: hash("id"),
  notes: { columnVindexes: [{ column: "author", name: "binary_md5" }] },
  product: { type: "reference" },
};
const { kinds: _, ...announced } = shardedCommerce.tables ?? {};

const target = (shards: string[], vschema: object) =>
  clusterShape({
    cells: ["zone1", { name: "zone2", ownEtcd: true }],
    keyspaces: [{ name: "commerce", shards, vschema }],
  });
const one: LabOptions = { rows: 20, target: target(["0"], { tables: { [foreignTable]: {} } }) };
const two: LabOptions = {
  rows: 20,
  target: target(["-80", "80-"], {
    ...shardedCommerce,
    tables: { ...announced, [foreignTable]: { type: "reference" } },
  }),
};

const createInto = (shape: LabOptions): string[] => {
  const named = shape === two ? JSON.stringify(spec) : tables.join(",");
  return ["Migrate", "-tables", named, "-source", "ext1.commerce", "-timeout", "15s", "Create", "commerce.wf"];
};

/** The words of the Create of which a subject's workflow comes. */
export const createWords = (subject: Subject): string[] => createInto(subject.lab === one ? one : two);

export const create: Subject = {
  name: "Create into two shards",
  command: "Create",
  lab: two,
  words: createInto(two),
  steps: [
    { name: "", places: ["etcd", "source", "80-"] },
    { name: "Write the workflow's record", places: ["etcd"] },
    { name: "Add entries to the VSchema", places: ["etcd"] },
    { name: "Create tables on -80", places: ["-80"] },
    { name: "Create tables on 80-", places: ["80-"] },
    { name: "Insert a stopped stream from ext1.commerce/0 to -80", places: ["-80"] },
    { name: "Insert a stopped stream from ext1.commerce/0 to 80-", places: ["80-"] },
    { name: "Read the streams back", places: ["etcd", "80-"] },
    { name: "Start the streams on -80", places: ["-80"] },
    { name: "Start the streams on 80-", places: ["80-"] },
  ],
};

export const complete: Subject = {
  name: "Complete",
  command: "Complete",
  lab: one,
  words: ["Migrate", "-timeout", "5s", "Complete", "commerce.wf"],
  steps: [
    { name: "", places: ["etcd", "source", "0"] },
    { name: "Note in the workflow's record", places: ["etcd"] },
    { name: "Stop the streams", places: ["0"] },
    { name: "Add the tables to the VSchema", places: ["etcd"] },
    { name: "Take the tables off the denied list", places: ["etcd", "0"] },
    { name: "Rebuild SrvVSchema", places: ["etcd"] },
    { name: "Verify", places: ["etcd"] },
    { name: "Compare the source's positions", places: ["source"] },
    { name: "Delete the streams", places: ["0"] },
    { name: "Delete the workflow's record", places: ["etcd"] },
  ],
};

/** Only where one shard may be done and the other not. */
export const completeTwo: Subject = {
  ...complete,
  name: "Complete of two shards",
  lab: two,
  steps: complete.steps.map(({ name, places }) => ({
    name,
    places: name !== "" && places.includes("0") ? ["80-"] : [],
  })),
};

export const cancel: Subject = {
  name: "Cancel of two shards",
  command: "Cancel",
  lab: two,
  words: ["Migrate", "Cancel", "commerce.wf"],
  steps: [
    { name: "", places: ["etcd", "80-"] },
    { name: "Note in the workflow's record", places: ["etcd"] },
    { name: "Stop the streams", places: ["80-"] },
    { name: "Drop tables on -80", places: ["-80"] },
    { name: "Drop tables on 80-", places: ["80-"] },
    { name: "Remove the tables from the VSchema", places: ["etcd"] },
    { name: "Rebuild SrvVSchema", places: ["etcd"] },
    { name: "Take the tables off the denied list", places: ["etcd", "80-"] },
    { name: "Delete the streams", places: ["80-"] },
    { name: "Delete the workflow's record", places: ["etcd"] },
  ],
};

export const vdiff: Subject = {
  name: "VDiff of two shards",
  command: "VDiff",
  lab: two,
  words: ["VDiff", "-full", "-filtered_replication_wait_time", "5s", "commerce.wf"],
  steps: [
    { name: "", places: [] },
    { name: "Look at the workflow", places: ["etcd", "source", "80-"] },
    { name: "Take the keyspace's lock", places: ["etcd"] },
    { name: "Note the streams' states", places: ["etcd"] },
    { name: "Stop the streams", places: ["80-"] },
    { name: "Open the source's snapshots", places: ["source"] },
    { name: "Take the streams on", places: ["80-"] },
    // Rows are read from the source meanwhile.
    { name: "Open the target's snapshots", places: ["source", "80-"] },
    { name: "Put the streams back", places: ["80-"], hasLastAnswer: true },
    { name: "Take that note back", places: ["etcd"] },
    // They may all be here by then.
    { name: "Compare the rows", places: [] },
  ],
};

export const subjects: readonly Subject[] = [create, complete, completeTwo, cancel, vdiff];
