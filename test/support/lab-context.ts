/** A lab's clusters as the domain meets them, in this process: for tests that cut a command short at a certain call. */

import type { Context } from "../../src/context.js";
import { UnreachableError } from "../../src/errors.js";
import { systemClock } from "../../src/system-clock.js";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import type { Tablet, TabletClients } from "../../src/tablet/port.js";
import type { Topo } from "../../src/topo/port.js";
import { openTopo } from "../../src/topo/topo.js";
import type { Lab } from "./lab.js";
import { noAccess } from "./no-access.js";

/** "zone1-0000000100 vreplicationExec update ..." or "topo saveWorkflowRecord": what would change something. */
export type Change = string;

export interface LabContext {
  ctx: Context;
  /** Everything that was said. */
  notes: string[];
  /** Every change that was asked for, in order. */
  changes: Change[];
  interrupt: AbortController;
  close(): void;
}

const TOPO_CHANGES = new Set([
  "addVSchemaTables",
  "removeVSchemaTables",
  "saveVSchema",
  "removeDeniedTables",
  "rebuildSrvVSchema",
  "saveWorkflowRecord",
  "deleteWorkflowRecord",
]);
const TABLET_CHANGES = new Set(["vreplicationExec", "applySchema", "refreshState", "vdiff", "executeFetchAsDba"]);

/**
 * `before` is told of each change ahead of it, and `after` behind it; what they throw the caller meets. They get the
 * change and how many there were before it.
 */
export async function labContext(
  lab: Lab,
  hooks: {
    before?: (change: Change, index: number) => unknown;
    after?: (change: Change, index: number) => unknown;
  } = {},
): Promise<LabContext> {
  const { etcd: server, topoRoot: root } = lab.sandbox.target;
  const topo = await openTopo({ type: "etcd2", server, root });
  const clients = createTabletClients();
  const notes: string[] = [];
  const changes: Change[] = [];
  const interrupt = new AbortController();
  const watched = async (change: Change, call: () => Promise<unknown>) => {
    const index = changes.push(change) - 1;
    await hooks.before?.(change, index);
    const answer = await call();
    await hooks.after?.(change, index);
    return answer;
  };
  const tablets: TabletClients = {
    open: (record) =>
      watch(clients.open(record), TABLET_CHANGES, (method, args, call) => {
        const text = typeof args[0] === "string" ? args[0] : "";
        return /^\s*select/i.test(text) ? call() : watched(`${record.alias} ${method} ${text}`.trim(), call);
      }),
    close: () => clients.close(),
  };
  const silent = () => {};
  const ctx: Context = {
    io: {
      print: silent,
      write: silent,
      note: (line) => notes.push(line),
      warn: (line) => notes.push(`Warning: ${line}`),
      confirm: async () => true,
      progress: () => ({ update: silent, done: silent }),
    },
    log: { error: silent, warn: silent, info: silent, debug: silent, trace: silent },
    access: noAccess(),
    clock: systemClock,
    signal: interrupt.signal,
    topo: async () => watch(topo, TOPO_CHANGES, (method, _args, call) => watched(`topo ${method}`, call)),
    tablets: () => tablets,
  };
  return {
    ctx,
    notes,
    changes,
    interrupt,
    close() {
      clients.close();
      topo.close();
    },
  };
}

/** A process that is gone after so many changes: nothing that it begins later gets anywhere. */
export function diesAfter(count: number): { before: (change: Change, index: number) => void } {
  return {
    before: (change, index) => {
      if (index >= count) throw new UnreachableError(`gone before: ${change}`);
    },
  };
}

type Call = () => Promise<unknown>;

function watch<T extends Tablet | Topo>(
  object: T,
  methods: ReadonlySet<string>,
  instead: (method: string, args: unknown[], call: Call) => Promise<unknown>,
): T {
  return new Proxy(object, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      if (typeof property !== "string" || !methods.has(property)) return value.bind(target);
      return (...args: unknown[]) => instead(property, args, async () => value.apply(target, args));
    },
  });
}
