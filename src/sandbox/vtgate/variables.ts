import type { Expr } from "../mysql/parse/ast.js";
import { SqlError, unsupported } from "./errors.js";

/**
 * System variables that clients ask for or set, with what a vtgate says (go/vt/sysvars/sysvars.go). They
 * are per session: setting one changes the answer, and only `autocommit` changes what happens.
 */
const defaults: Record<string, string | number> = {
  auto_increment_increment: 1,
  auto_increment_offset: 1,
  autocommit: 1,
  character_set_client: "utf8mb4",
  character_set_connection: "utf8mb4",
  character_set_database: "utf8mb4",
  character_set_results: "utf8mb4",
  character_set_server: "utf8mb4",
  collation_connection: "utf8mb4_0900_ai_ci",
  collation_database: "utf8mb4_0900_ai_ci",
  collation_server: "utf8mb4_0900_ai_ci",
  default_storage_engine: "InnoDB",
  foreign_key_checks: 1,
  hostname: "vtgate",
  init_connect: "",
  innodb_lock_wait_timeout: 50,
  interactive_timeout: 28800,
  license: "Apache-2.0",
  lower_case_table_names: 0,
  max_allowed_packet: 67108864,
  max_execution_time: 0,
  net_buffer_length: 16384,
  net_read_timeout: 30,
  net_write_timeout: 60,
  old_alter_table: 0,
  performance_schema: 0,
  query_cache_size: 0,
  query_cache_type: "OFF",
  session_track_gtids: "OFF",
  sql_auto_is_null: 0,
  sql_log_bin: 1,
  sql_mode:
    "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
  sql_notes: 1,
  sql_quote_show_create: 1,
  sql_safe_updates: 0,
  sql_select_limit: "18446744073709551615",
  system_time_zone: "UTC",
  time_zone: "SYSTEM",
  transaction_isolation: "REPEATABLE-READ",
  transaction_read_only: 0,
  tx_isolation: "REPEATABLE-READ",
  tx_read_only: 0,
  unique_checks: 1,
  wait_timeout: 28800,
  workload: "OLTP",
};

const readOnly = new Set([
  "hostname",
  "license",
  "lower_case_table_names",
  "system_time_zone",
  "version",
  "version_comment",
]);

export class SessionVariables {
  readonly #values: Map<string, string | number>;
  readonly #user = new Map<string, string>();

  constructor(version: { version: string; versionComment: string }) {
    this.#values = new Map(Object.entries(defaults));
    this.#values.set("version", version.version);
    this.#values.set("version_comment", version.versionComment);
  }

  /** Throws SqlError 1193 for a name nobody knows. */
  get(name: string): string | number {
    const value = this.#values.get(name);
    if (value === undefined) throw unknownVariable(name);
    return value;
  }

  /** DEFAULT is undefined, or a word as SET NAMES has it. Throws SqlError for values that aren't constants or variables. */
  set(name: string, value: Expr | undefined): void {
    if (readOnly.has(name)) throw new SqlError(1238, "HY000", `Variable '${name}' is a read only variable`);
    const before = this.get(name);
    const fresh = value === undefined || (value.kind === "string" && value.value.toLowerCase() === "default");
    const wanted = fresh ? (defaults[name] ?? before) : this.#resolve(value);
    // A user variable that was never set is NULL: mysqldump's closing lines then mean "leave it".
    if (wanted !== undefined) this.#values.set(name, convert(name, String(wanted), before));
  }

  setUser(name: string, value: Expr | undefined): void {
    const wanted = value === undefined ? undefined : this.#resolve(value);
    if (wanted === undefined) this.#user.delete(name);
    else this.#user.set(name, String(wanted));
  }

  #resolve(value: Expr): string | number | undefined {
    switch (value.kind) {
      case "string":
        return value.value;
      case "number":
        return value.text;
      case "bool":
        return Number(value.value);
      case "null":
        return undefined;
      case "variable":
        return value.scope === "user" ? this.#user.get(value.name) : this.get(value.name);
      case "unary":
        if (value.op === "-" && value.operand.kind === "number") return `-${value.operand.text}`;
    }
    throw unsupported("SET to anything but a constant or a variable");
  }

  all(): [string, string | number][] {
    return [...this.#values].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function convert(name: string, value: string, before: string | number): string | number {
  if (typeof before === "string") return value;
  const number = { on: 1, true: 1, off: 0, false: 0 }[value.toLowerCase()] ?? Number(value);
  if (value === "" || !Number.isFinite(number)) {
    throw new SqlError(1231, "42000", `Variable '${name}' can't be set to the value of '${value}'`);
  }
  return number;
}

function unknownVariable(name: string): SqlError {
  return new SqlError(1193, "HY000", `Unknown system variable '${name}'`);
}
