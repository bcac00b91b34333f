/** System variables: those that clients of MySQL read or set, with MySQL 8.4's defaults. */
import { errors } from "./errors.js";
import { isTimeZone } from "./types/time-zone.js";

const STRICT_SQL_MODE =
  "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";

export type VariableValue = string | bigint | null;

export const defaultVariables: Readonly<Record<string, VariableValue>> = {
  auto_increment_increment: 1n,
  auto_increment_offset: 1n,
  autocommit: 1n,
  binlog_format: "ROW",
  binlog_row_image: "FULL",
  binlog_row_value_options: "",
  binlog_transaction_compression: 0n,
  character_set_client: "utf8mb4",
  character_set_connection: "utf8mb4",
  character_set_database: "utf8mb4",
  character_set_results: "utf8mb4",
  character_set_server: "utf8mb4",
  character_set_system: "utf8mb3",
  collation_connection: "utf8mb4_0900_ai_ci",
  collation_database: "utf8mb4_0900_ai_ci",
  collation_server: "utf8mb4_0900_ai_ci",
  default_collation_for_utf8mb4: "utf8mb4_0900_ai_ci",
  default_storage_engine: "InnoDB",
  div_precision_increment: 4n,
  event_scheduler: "OFF",
  explicit_defaults_for_timestamp: 1n,
  foreign_key_checks: 1n,
  group_concat_max_len: 1024n,
  gtid_mode: "ON",
  enforce_gtid_consistency: "ON",
  gtid_purged: "",
  hostname: "localhost",
  init_connect: "",
  innodb_lock_wait_timeout: 50n,
  interactive_timeout: 28800n,
  license: "GPL",
  lock_wait_timeout: 31536000n,
  log_bin: 1n,
  log_replica_updates: 1n,
  lower_case_table_names: 0n,
  max_allowed_packet: 67108864n,
  max_connections: 151n,
  max_execution_time: 0n,
  net_buffer_length: 16384n,
  net_read_timeout: 30n,
  net_write_timeout: 60n,
  performance_schema: 0n,
  port: 3306n,
  protocol_version: 10n,
  read_only: 0n,
  secure_file_priv: null,
  server_id: 1n,
  session_track_gtids: "OFF",
  show_gipk_in_create_table_and_information_schema: 1n,
  socket: "",
  sql_auto_is_null: 0n,
  sql_log_bin: 1n,
  sql_mode: STRICT_SQL_MODE,
  sql_notes: 1n,
  sql_quote_show_create: 1n,
  sql_safe_updates: 0n,
  sql_select_limit: 18446744073709551615n,
  sql_warnings: 0n,
  super_read_only: 0n,
  system_time_zone: "UTC",
  time_zone: "SYSTEM",
  transaction_isolation: "REPEATABLE-READ",
  transaction_read_only: 0n,
  unique_checks: 1n,
  wait_timeout: 28800n,
  warning_count: 0n,
};

const SYNONYMS: Record<string, string> = {
  tx_isolation: "transaction_isolation",
  tx_read_only: "transaction_read_only",
  storage_engine: "default_storage_engine",
  log_slave_updates: "log_replica_updates",
};

export function variableName(name: string): string {
  return SYNONYMS[name] ?? name;
}

/** Variables that SHOW VARIABLES prints as ON and OFF, and SELECT as 1 and 0. */
const SWITCHES = new Set(
  (
    "autocommit binlog_transaction_compression explicit_defaults_for_timestamp foreign_key_checks log_bin log_replica_updates " +
    "performance_schema read_only show_gipk_in_create_table_and_information_schema sql_auto_is_null sql_log_bin sql_notes " +
    "sql_quote_show_create sql_safe_updates sql_warnings super_read_only transaction_read_only unique_checks"
  ).split(" "),
);

export function showVariable(name: string, value: VariableValue): string {
  if (SWITCHES.has(name)) return value === 0n ? "OFF" : "ON";
  return value === null ? "" : String(value);
}

const READ_ONLY = new Set([
  "version",
  "version_comment",
  "server_uuid",
  "gtid_executed",
  "hostname",
  "port",
  "log_bin",
  "lower_case_table_names",
  "system_time_zone",
  "license",
  "protocol_version",
  "socket",
]);

/** What SET stores for a value. Throws MysqlError 1193, 1231, 1238 or 1298. */
export function checkedVariable(name: string, value: VariableValue, areTimeZonesLoaded: boolean): VariableValue {
  if (READ_ONLY.has(name)) throw errors.readOnlyVariable(name);
  if (!(name in defaultVariables)) throw errors.unknownVariable(name);
  if (SWITCHES.has(name)) return switchValue(name, value);
  if (name === "time_zone") {
    const zone = String(value);
    if (!isTimeZone(zone, areTimeZonesLoaded)) throw errors.unknownTimeZone(zone);
    return zone;
  }
  if (name === "sql_mode") return sqlMode(value);
  if (typeof defaultVariables[name] === "bigint" && typeof value === "string") {
    if (!/^\d+$/.test(value)) throw errors.wrongVariableValue(name, value);
    return BigInt(value);
  }
  return value;
}

function switchValue(name: string, value: VariableValue): bigint {
  if (value === 1n || value === 0n) return value;
  const word = String(value).toUpperCase();
  if (word === "ON" || word === "TRUE" || word === "1") return 1n;
  if (word === "OFF" || word === "FALSE" || word === "0") return 0n;
  throw errors.wrongVariableValue(name, String(value));
}

const MODES = new Set(
  (
    "ALLOW_INVALID_DATES ANSI ANSI_QUOTES ERROR_FOR_DIVISION_BY_ZERO HIGH_NOT_PRECEDENCE IGNORE_SPACE NO_AUTO_VALUE_ON_ZERO " +
    "NO_BACKSLASH_ESCAPES NO_DIR_IN_CREATE NO_ENGINE_SUBSTITUTION NO_UNSIGNED_SUBTRACTION NO_ZERO_DATE NO_ZERO_IN_DATE " +
    "ONLY_FULL_GROUP_BY PAD_CHAR_TO_FULL_LENGTH PIPES_AS_CONCAT REAL_AS_FLOAT STRICT_ALL_TABLES STRICT_TRANS_TABLES " +
    "TIME_TRUNCATE_FRACTIONAL TRADITIONAL"
  ).split(" "),
);
const TRADITIONAL =
  "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,TRADITIONAL,NO_ENGINE_SUBSTITUTION";

function sqlMode(value: VariableValue): string {
  if (value === 0n) return "";
  const modes = String(value ?? "")
    .toUpperCase()
    .split(",")
    .map((mode) => mode.trim())
    .filter((mode) => mode !== "");
  for (const mode of modes) if (!MODES.has(mode)) throw errors.wrongVariableValue("sql_mode", mode);
  return [...new Set(modes.flatMap((mode) => (mode === "TRADITIONAL" ? TRADITIONAL.split(",") : [mode])))].join(",");
}
