/**
 * The `_vt` tables that a tablet keeps, as each version creates them (go/vt/vttablet/tabletmanager/vreplication
 * and go/vt/sidecardb/schema). Column order and types are those that recorded `select *` results show.
 */
import type { VersionProfile } from "./profiles.js";

/** CREATE statements, in order; each can be run again. */
export function sidecarTables(profile: VersionProfile): string[] {
  return [
    "create database if not exists _vt",
    vreplication(profile),
    copyState(profile),
    vreplicationLog(profile),
    reshardingJournal,
    ...(profile.sidecar.deferredKeys ? [postCopyAction] : []),
    ...(profile.sidecar.vdiff ? vdiffTables(profile) : []),
  ];
}

function createTable(name: string, definitions: string[]): string {
  return `create table if not exists _vt.${name} (\n  ${definitions.join(",\n  ")}\n) engine=InnoDB`;
}

function vreplication({ sidecar }: VersionProfile): string {
  return createTable("vreplication", [
    "id int not null auto_increment",
    "workflow varbinary(1000) default null",
    `source ${sidecar.source} not null`,
    `pos ${sidecar.position} not null`,
    `stop_pos ${sidecar.position} default null`,
    "max_tps bigint not null",
    "max_replication_lag bigint not null",
    "cell varbinary(1000) default null",
    "tablet_types varbinary(100) default null",
    "time_updated bigint not null",
    "transaction_timestamp bigint not null",
    "state varbinary(100) not null",
    "message varbinary(1000) default null",
    "db_name varbinary(255) not null",
    "rows_copied bigint not null default 0",
    ...(sidecar.extended
      ? [
          "tags varbinary(1024) not null default ''",
          "time_heartbeat bigint not null default 0",
          "workflow_type int not null default 0",
          "time_throttled bigint not null default 0",
          "component_throttled varchar(255) not null default ''",
        ]
      : []),
    ...(sidecar.options ? ["reason_throttled varchar(1000) not null default ''"] : []),
    ...(sidecar.deferredKeys
      ? ["workflow_sub_type int not null default 0", "defer_secondary_keys tinyint(1) not null default 0"]
      : []),
    ...(sidecar.options ? ["options json not null"] : []),
    "primary key (id)",
    "key workflow_idx (workflow(64))",
  ]);
}

function copyState({ engine, sidecar }: VersionProfile): string {
  const lastpk = `lastpk ${sidecar.options ? "mediumblob" : "varbinary(2000)"}`;
  return engine.copyStateIds
    ? createTable("copy_state", [
        "id bigint unsigned not null auto_increment",
        "vrepl_id int not null",
        "table_name varbinary(128) not null",
        `${lastpk} default null`,
        "primary key (id)",
        "key vrepl_id (vrepl_id, table_name)",
      ])
    : createTable("copy_state", [
        "vrepl_id int not null",
        "table_name varbinary(128) not null",
        `${lastpk} default null`,
        "primary key (vrepl_id, table_name)",
      ]);
}

function vreplicationLog({ sidecar }: VersionProfile): string {
  return createTable("vreplication_log", [
    "id bigint not null auto_increment",
    "vrepl_id int not null",
    "type varbinary(256) not null",
    "state varbinary(100) not null",
    "created_at timestamp null default current_timestamp",
    "updated_at timestamp null default current_timestamp on update current_timestamp",
    "message text not null",
    "count bigint not null default 1",
    "primary key (id)",
    ...(sidecar.options ? ["key vrepl_id_idx (vrepl_id, id)"] : []),
  ]);
}

const reshardingJournal = createTable("resharding_journal", [
  "id bigint not null",
  "db_name varbinary(255) default null",
  "val blob",
  "primary key (id)",
]);

const postCopyAction = createTable("post_copy_action", [
  "id bigint not null auto_increment",
  "vrepl_id int not null",
  "table_name varbinary(128) not null",
  "action json not null",
  "primary key (id)",
  "unique key (vrepl_id, table_name)",
]);

function vdiffTables({ sidecar, vdiff }: VersionProfile): string[] {
  return [
    createTable("vdiff", [
      "id bigint not null auto_increment",
      "vdiff_uuid varchar(64) not null",
      "workflow varbinary(1024) default null",
      `keyspace varbinary(${sidecar.options ? 256 : 1024}) default null`,
      "shard varchar(255) not null",
      "db_name varbinary(1024) default null",
      "state varbinary(64) default null",
      "options json default null",
      `created_at timestamp ${sidecar.options ? "not null" : "null"} default current_timestamp`,
      "started_at timestamp null default null",
      "liveness_timestamp timestamp null default null",
      "completed_at timestamp null default null",
      ...(vdiff.lifecycle ? ["last_error varbinary(1024) default null"] : []),
      "primary key (id)",
      "unique key uuid_idx (vdiff_uuid)",
      ...(sidecar.options ? ["key state (state)", "key ks_wf_idx (keyspace, workflow(64))"] : []),
    ]),
    createTable("vdiff_table", [
      "vdiff_id varchar(64) not null",
      "table_name varbinary(128) not null",
      "state varbinary(64) default null",
      "lastpk varbinary(2000) default null",
      "table_rows bigint not null default 0",
      "rows_compared bigint not null default 0",
      "mismatch tinyint(1) not null default 0",
      "report json default null",
      "created_at timestamp null default current_timestamp",
      "updated_at timestamp null default current_timestamp on update current_timestamp",
      "primary key (vdiff_id, table_name)",
    ]),
    createTable("vdiff_log", [
      "id bigint not null auto_increment",
      "vdiff_id bigint not null",
      "created_at timestamp null default current_timestamp",
      "message text not null",
      "primary key (id)",
    ]),
  ];
}
