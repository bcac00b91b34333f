/**
 * What differs between Vitess versions, as data. Facts are from recordings of v11.0.4, v14.0.5 and v22.0.3
 * tablets and from the sources named at each field.
 */
import { type VDiffVersion, vdiffVersions } from "./vdiff/versions.js";

export interface VersionProfile {
  readonly name: string;
  /** RPCs of proto/ that this version answers with UNIMPLEMENTED. */
  readonly missingRpcs: readonly string[];
  /** "TabletManager.X on <alias>: <text>", or with " error: <text>: <text>" (tabletmanager/rpc_server.go). */
  readonly errorText: "once" | "doubled";
  /** --db_charset by default, where that isn't utf8mb4 (dbconfigs.go, until v12). */
  readonly connectionCharset?: string;
  /** What "wrong tablet type" calls a primary. */
  readonly primaryName: "MASTER" | "PRIMARY";
  /** More rows than were asked for are an error with a code of its own, ABORTED; before, one that looks like MySQL's (go/mysql/query.go, v15). */
  readonly rowLimitHasCode: boolean;
  /** UpdateVReplicationWorkflow leaves alone what the request leaves out, and not only what it calls -1 (v22). */
  readonly partialUpdates: boolean;
  /** GetSchema hears table_schema_only. */
  readonly schemaOnly: boolean;
  readonly applySchema: {
    /** The script goes through the mysql client, whose output is the error (mysqlctl/mysqld.go, until v16). */
    readonly throughMysqlClient: boolean;
    /** sql_mode is heard (v14). */
    readonly sqlMode: boolean;
    /** disable_foreign_key_checks is heard (v20). */
    readonly foreignKeyChecks: boolean;
  };
  readonly statements: {
    /** FROM and INTO must be exactly `_vt.<table>`; newer versions look at database and table apart. */
    readonly exactTableNames: boolean;
    /** UPDATE and DELETE need `=` or IN on id or workflow (vreplication/controller_plan.go, v19). */
    readonly selectiveWrites: boolean;
  };
  readonly streams: {
    /** VStream and VStreamRows describe columns with their column_type and collation (vstreamer.go, v16). */
    readonly columnType: boolean;
    /** Events have values of ENUM and SET by their names; before, by their numbers (vstreamer.go, v20). */
    readonly namedMembers: boolean;
    /** pkfields carry charset and flags (rowstreamer.go, v18). */
    readonly detailedPkFields: boolean;
    /** Messages begin with VT....., and what a VSchema lacks has a gRPC code (vterrors/code.go, v15). */
    readonly errorCodes: boolean;
    /** A missing column and a lookup vindex's missing cursor have codes too (vstreamer/planbuilder.go, v19). */
    readonly moreErrorCodes: boolean;
  };
  /** What go/vt/vtgate/vindexes knows. */
  readonly vindexes: {
    /** The type multicol; region_experimental maps its first column alone to a range (v14). */
    readonly multicol: boolean;
    /** numeric_static_map takes its map as a parameter, and a fallback (v17). */
    readonly inlineMaps: boolean;
  };
  readonly picker: {
    /** In lower case. */
    readonly primaryWords: readonly string[];
    readonly inOrder: boolean;
    readonly defaultTypes: string;
    /** Candidates must answer StreamHealth as serving; the tablet's own cell is added (discovery/tablet_picker.go, v18). */
    readonly healthChecked: boolean;
    /** How many rounds before a stream's search is reported as an error; undefined: it never is. */
    readonly rounds: number | undefined;
  };
  readonly engine: {
    /** Errors that no retry can cure end in state Error (vreplication/utils.go, v12). */
    readonly errorState: boolean;
    readonly unrecoverable: readonly number[];
    /** FAILED_PRECONDITION from the source is final too (v18). */
    readonly preconditionsAreFinal: boolean;
    readonly terminalPrefix: string;
    /** The state that a stream has in memory is "Unknown" before its first; before, it is "" (vreplicator.go, v17). */
    readonly namedStates: boolean;
    /** The source is parsed even for rows that stay stopped (controller.go, v18). */
    readonly parsesStopped: boolean;
    /** An ENUM's number in an event is applied as one; before, as a text (replicator_plan.go, bindFieldVal, v14). */
    readonly enumNumbers: boolean;
    /** v11 calls any row that is not Stopped startable. */
    readonly errorIsStopped: boolean;
    /** One copy_state row per batch, with an id; before v16 the row was updated in place. */
    readonly copyStateIds: boolean;
    readonly timeHeartbeat: boolean;
    /** Streams keep the server's sql_mode (until v11); later ones have none but NO_AUTO_VALUE_ON_ZERO. */
    readonly strictMode: boolean;
    /** Fields of BinlogSource that its prototext parser doesn't know. */
    readonly unknownSourceFields: readonly string[];
    /** workflow_sub_type 2 copies all tables from one snapshot (vcopier_atomic.go, v18). */
    readonly atomicCopy: boolean;
    /** Any error of an atomic copy's stream is final, or only one while it copies (controller.go, v22). */
    readonly atomicErrorsAreFinal: "always" | "copying";
    /** Deferring secondary keys leaves those alone that foreign keys need (vreplicator.go, v22). */
    readonly keepsForeignKeyIndexes: boolean;
    /** Its parser prints a key's first words as SHOW CREATE TABLE has them, UNIQUE KEY (sqlparser/ast_format.go, until v18). */
    readonly keepsKeyWords: boolean;
    /** Rows are copied by tasks, whose errors say so (vcopier.go, v16). */
    readonly copyTasks: boolean;
    /** Long messages lose their middle, and long log texts too (binlogplayer, v22); before, messages lose their end. */
    readonly cutsInTheMiddle: boolean;
    /** Errors of replication name table and position (vplayer.go, v21). */
    readonly detailedEventErrors: boolean;
    /** A transaction's statements are sent together with its COMMIT, but in the copy (common/flags.go, VPlayerBatching, v22). */
    readonly sentAtOnce: boolean;
  };
  readonly sidecar: {
    readonly source: "blob" | "mediumblob";
    readonly position: "varbinary(10000)" | "longblob";
    /** time_heartbeat, tags, workflow_type, throttling columns. */
    readonly extended: boolean;
    /** workflow_sub_type, defer_secondary_keys, post_copy_action. */
    readonly deferredKeys: boolean;
    /** reason_throttled and options. */
    readonly options: boolean;
    readonly vdiff: boolean;
  };
  /** Of a version without the RPC, nobody looks at it. */
  readonly vdiff: VDiffVersion;
}

// Data errors of v14 (vreplication/utils.go, isUnrecoverableError).
const dataErrors = [1048, 1062, 1264, 1265, 1292, 1364, 1366, 1367, 1406, 3140];
// From v18 on the schema and permission errors too.
const moreErrors = [...dataErrors, 1044, 1045, 1049, 1050, 1051, 1054, 1060, 1061, 1064, 1091, 1118, 1136, 1139, 1146];

const newRpcs = ["ReadVReplicationWorkflow", "ReadVReplicationWorkflows", "UpdateVReplicationWorkflow"];

const v22: VersionProfile = {
  name: "v22",
  missingRpcs: ["MasterPosition"],
  errorText: "once",
  primaryName: "PRIMARY",
  rowLimitHasCode: true,
  partialUpdates: true,
  schemaOnly: true,
  applySchema: { throughMysqlClient: false, sqlMode: true, foreignKeyChecks: true },
  statements: { exactTableNames: false, selectiveWrites: true },
  streams: { columnType: true, namedMembers: true, detailedPkFields: true, errorCodes: true, moreErrorCodes: true },
  vindexes: { multicol: true, inlineMaps: true },
  picker: {
    primaryWords: ["primary", "master"],
    inOrder: true,
    defaultTypes: "in_order:REPLICA,PRIMARY",
    healthChecked: true,
    rounds: 5,
  },
  engine: {
    errorState: true,
    unrecoverable: moreErrors,
    preconditionsAreFinal: true,
    terminalPrefix: "terminal error: ",
    namedStates: true,
    parsesStopped: true,
    enumNumbers: true,
    errorIsStopped: true,
    copyStateIds: true,
    timeHeartbeat: true,
    strictMode: false,
    unknownSourceFields: [],
    atomicCopy: true,
    atomicErrorsAreFinal: "copying",
    keepsForeignKeyIndexes: true,
    keepsKeyWords: false,
    copyTasks: true,
    cutsInTheMiddle: true,
    detailedEventErrors: true,
    sentAtOnce: true,
  },
  sidecar: {
    source: "mediumblob",
    position: "varbinary(10000)",
    extended: true,
    deferredKeys: true,
    options: true,
    vdiff: true,
  },
  vdiff: vdiffVersions.v22,
};

const main: VersionProfile = {
  ...v22,
  name: "main",
  sidecar: { ...v22.sidecar, position: "longblob" },
  vdiff: vdiffVersions.main,
};

const v18: VersionProfile = {
  ...v22,
  name: "v18",
  streams: { ...v22.streams, namedMembers: false, moreErrorCodes: false },
  missingRpcs: ["MasterPosition", "ReadVReplicationWorkflows"],
  errorText: "doubled",
  partialUpdates: false,
  applySchema: { ...v22.applySchema, foreignKeyChecks: false },
  statements: { exactTableNames: false, selectiveWrites: false },
  engine: {
    ...v22.engine,
    terminalPrefix: "",
    atomicErrorsAreFinal: "always",
    keepsForeignKeyIndexes: false,
    keepsKeyWords: true,
    cutsInTheMiddle: false,
    detailedEventErrors: false,
    sentAtOnce: false,
  },
  sidecar: { ...v22.sidecar, options: false },
  vdiff: vdiffVersions.v18,
};

const v16: VersionProfile = {
  ...v18,
  name: "v16",
  missingRpcs: ["MasterPosition", "VStreamTables", ...newRpcs],
  applySchema: { ...v18.applySchema, throughMysqlClient: true },
  statements: { exactTableNames: true, selectiveWrites: false },
  streams: { ...v18.streams, detailedPkFields: false },
  vindexes: { multicol: true, inlineMaps: false },
  picker: { ...v18.picker, healthChecked: false },
  engine: {
    ...v18.engine,
    unrecoverable: dataErrors,
    preconditionsAreFinal: false,
    namedStates: false,
    parsesStopped: false,
    atomicCopy: false,
  },
  vdiff: vdiffVersions.v16,
};

const v14: VersionProfile = {
  ...v16,
  name: "v14",
  rowLimitHasCode: false,
  schemaOnly: false,
  streams: { ...v16.streams, columnType: false, errorCodes: false },
  picker: { ...v16.picker, rounds: undefined },
  engine: { ...v16.engine, copyStateIds: false, copyTasks: false },
  sidecar: { ...v16.sidecar, deferredKeys: false },
  vdiff: vdiffVersions.v14,
};

const v11: VersionProfile = {
  ...v14,
  name: "v11",
  missingRpcs: ["PrimaryPosition", "VDiff", "VStreamTables", ...newRpcs],
  connectionCharset: "utf8mb3",
  primaryName: "MASTER",
  applySchema: { ...v14.applySchema, sqlMode: false },
  vindexes: { multicol: false, inlineMaps: false },
  picker: { ...v14.picker, primaryWords: ["master"], inOrder: false, defaultTypes: "MASTER,REPLICA" },
  engine: {
    ...v14.engine,
    errorState: false,
    unrecoverable: [],
    enumNumbers: false,
    errorIsStopped: false,
    timeHeartbeat: false,
    strictMode: true,
    unknownSourceFields: ["source_time_zone", "target_time_zone"],
  },
  sidecar: { ...v14.sidecar, source: "blob", extended: false, vdiff: false },
};

export const profiles = { v11, v14, v16, v18, v22, main } as const;
export type ProfileName = keyof typeof profiles;
