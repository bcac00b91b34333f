/** queryservice.Query as this tablet serves it. */
import type { Methods } from "../server.js";
import type { TabletState } from "../state.js";
import { executeMethods } from "./execute.js";
import { streamHealth } from "./health.js";
import type { Transactions } from "./transactions.js";
import { vstream } from "./vstream.js";
import { vstreamResults } from "./vstream-results.js";
import { vstreamRows } from "./vstream-rows.js";
import { vstreamTables } from "./vstream-tables.js";

export function queryMethods(state: TabletState, transactions: Transactions): Methods {
  const methods: Methods = {
    ...executeMethods(state, transactions),
    StreamHealth: streamHealth(state),
    VStream: vstream(state),
    VStreamRows: vstreamRows(state),
    VStreamTables: vstreamTables(state),
    VStreamResults: vstreamResults(state),
  };
  return Object.fromEntries(Object.entries(methods).filter(([name]) => !state.profile.missingRpcs.includes(name)));
}
