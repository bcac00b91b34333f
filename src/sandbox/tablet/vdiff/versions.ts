/**
 * What differs between the VDiff engines of Vitess's versions, as data (go/vt/vttablet/tabletmanager/vdiff of
 * v14.0.5, v16.0.7, v18.0.8 and v22.0.3).
 */
export interface VDiffVersion {
  /**
   * The actions stop and delete, retries, last_error; what fails says on which tablet; a table that is taken up again
   * goes on with its report (v15).
   */
  readonly lifecycle: boolean;
  /** The mount is heard, and cells are lists; before, sources are looked for in the tablet's own topology (v15). */
  readonly externalSources: boolean;
  /** resume goes on with the options of create; before, it takes new ones (v18). */
  readonly keepsOptions: boolean;
  /** show all lists the newest 100 of one workflow; before, every workflow's (v18). */
  readonly showsOneWorkflow: boolean;
  /** create can leave the VDiff stopped, and resume starts such a one (v21). */
  readonly autoStart: boolean;
  /** What answers of the RPC call the tablet: an alias, or its prototext. */
  readonly plainAlias: boolean;
  /** What is locked while streams are stopped. */
  readonly lock: "keyspace" | "workflow";
  /** A lock that can't be had is tried again; before, it is an error (v24). */
  readonly retriesLock: boolean;
  /** Keys of text are ordered by their collation; before, by their bytes (v17). */
  readonly collations: boolean;
  /** JSON is compared by what it means, and TIME by how long it is; before, by their bytes (v18). */
  readonly byMeaning: boolean;
  /** Conditions of the filter but in_keyrange hold for the target too (v21). */
  readonly filtersTarget: boolean;
  /** Rows of a table without a primary key: compared place by place, refused (v17), or by a unique key or the whole row (v19). */
  readonly keyless: "places" | "refused" | "found";
  /** The source's primary is asked for the table's key, and a last key is kept for either side (v22). */
  readonly asksSource: boolean;
  /**
   * What becomes of extra rows afterwards: equal ones on both sides cancel each other, if their counts are equal or
   * (v22) in any case. From v18 on the VSchemas are asked for reference tables, the source's in the tablet's own topology.
   */
  readonly reconcile: { readonly anyPairs: boolean; readonly vschema: "unread" | "read" | "read with matches" };
  /** max_sample_rows and max_diff_seconds are heard (v19). */
  readonly limits: boolean;
  /** Only values outside the key are cut, where row_diff_column_truncate_at says (v21); before, all at 30 bytes. */
  readonly cutsByOption: boolean;
}

const v14: VDiffVersion = {
  lifecycle: false,
  externalSources: false,
  keepsOptions: false,
  showsOneWorkflow: false,
  autoStart: false,
  plainAlias: false,
  lock: "keyspace",
  retriesLock: false,
  collations: false,
  byMeaning: false,
  filtersTarget: false,
  keyless: "places",
  asksSource: false,
  reconcile: { anyPairs: false, vschema: "unread" },
  limits: false,
  cutsByOption: false,
};

const v16: VDiffVersion = { ...v14, lifecycle: true, externalSources: true };

const v18: VDiffVersion = {
  ...v16,
  keepsOptions: true,
  showsOneWorkflow: true,
  collations: true,
  byMeaning: true,
  keyless: "refused",
  reconcile: { anyPairs: false, vschema: "read" },
};

const v22: VDiffVersion = {
  ...v18,
  autoStart: true,
  plainAlias: true,
  lock: "workflow",
  filtersTarget: true,
  keyless: "found",
  asksSource: true,
  reconcile: { anyPairs: true, vschema: "read with matches" },
  limits: true,
  cutsByOption: true,
};

const main: VDiffVersion = { ...v22, retriesLock: true };

export const vdiffVersions = { v14, v16, v18, v22, main } as const;
