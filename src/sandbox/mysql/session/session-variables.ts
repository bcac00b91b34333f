import { errors } from "../errors.js";
import type { SetVariable } from "../parse/statement.js";
import { coerceTo } from "../translate/coerce.js";
import { literal, type Typed } from "../translate/typed.js";
import { type Datum, datumText } from "../types/datum.js";
import { Decimal } from "../types/decimal.js";
import { checkedVariable, type VariableValue, variableName } from "../variables.js";

/** The server's side: values that hold for sessions without their own. */
export interface GlobalVariables {
  readonly areTimeZonesLoaded: boolean;
  globalVariable(name: string): VariableValue | undefined;
  globalVariables(): Map<string, VariableValue>;
  setGlobalVariable(name: string, value: VariableValue): void;
}

/** What the session itself knows, asked anew each time. */
export interface SessionFacts {
  connectionId: number;
  lastInsertId: bigint;
  warningCount: number;
}

/** Accepted and without effect: a statement's own clock and counters are not for setting here. */
const IGNORED = new Set(["last_insert_id", "identity", "timestamp", "insert_id"]);
const UNSUPPORTED = new Set(["gtid_next", "gtid_purged"]);

export class SessionVariables {
  private readonly own = new Map<string, VariableValue>();
  private readonly user = new Map<string, Datum>();

  constructor(
    private readonly server: GlobalVariables,
    private readonly facts: () => SessionFacts,
  ) {}

  get(name: string): VariableValue | undefined {
    return this.own.get(name) ?? this.server.globalVariable(name);
  }

  text(name: string): string {
    return String(this.get(name) ?? "");
  }

  all(): Map<string, VariableValue> {
    return new Map([...this.server.globalVariables(), ...this.own]);
  }

  /** `datum` undefined: DEFAULT. Throws MysqlError 1193, 1231, 1238 or 1298. */
  set({ scope, name: given }: SetVariable, datum: Datum | undefined): void {
    if (scope === "user") {
      this.user.set(given, datum ?? null);
      return;
    }
    const name = variableName(given);
    if (IGNORED.has(name)) return;
    if (UNSUPPORTED.has(name)) throw errors.unsupported(`SET ${name}`);
    const wanted = datum === undefined ? (this.server.globalVariable(name) ?? null) : variableDatum(datum);
    const checked = checkedVariable(name, wanted, this.server.areTimeZonesLoaded);
    if (scope === "global") {
      this.server.setGlobalVariable(name, checked);
      return;
    }
    this.own.set(name, checked);
    // SET NAMES goes back to the character set's own collation.
    if (name === "character_set_connection") this.own.delete("collation_connection");
  }

  /** `@x`, `@@x`, `@@session.x`, `@@global.x`. Throws MysqlError 1193. */
  read(scope: "user" | "session" | "global" | "system", given: string): Typed {
    if (scope === "user") return typedValue(this.user.get(given) ?? null);
    const name = variableName(given);
    const { connectionId, lastInsertId, warningCount } = this.facts();
    if (name === "last_insert_id" || name === "identity") return typedValue(lastInsertId);
    if (name === "warning_count") return typedValue(BigInt(warningCount));
    if (name === "pseudo_thread_id") return typedValue(BigInt(connectionId));
    const value = scope === "global" ? this.server.globalVariable(name) : this.get(name);
    if (value === undefined) throw errors.unknownVariable(given);
    return typedValue(value);
  }
}

function typedValue(value: Datum): Typed {
  const typed = literal(value);
  // A variable is no constant of the statement: its type is, its value isn't.
  const { literal: _literal, ...rest } = typed;
  return value === null ? typed : { ...rest, sql: coerceTo(typed, typed.type) };
}

function variableDatum(datum: Datum): VariableValue {
  if (datum === null || typeof datum === "bigint" || typeof datum === "string") return datum;
  if (datum instanceof Decimal || typeof datum === "number") return BigInt(Math.trunc(Number(datum.toString())));
  return datumText(datum);
}
