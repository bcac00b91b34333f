import { defineCommand } from "../../cli/command.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import type { Io } from "../../io/io.js";
import { closest } from "../../suggest.js";
import { deleteContext, setContext, useContext } from "./change.js";
import { type ContextLine, listContexts, viewContexts } from "./list.js";
import { type ShownContext, showContext, viewContext } from "./show.js";

export type ContextResult =
  | { action: "list"; file: string; contexts: ContextLine[] }
  | ({ action: "show" } & ShownContext)
  | { action: "use" | "set" | "delete"; file: string; name: string; current: string | undefined };

const actions = ["list", "show", "use", "set", "delete"] as const;

/** The user's contexts: target clusters by name, with how their servers and their mounts' are spoken to. */
export const context = defineCommand({
  name: "context",
  summary: "List, show, choose, make or delete your contexts: target clusters by name.",
  usage: "list | show [name] | use <name> | [connection flags] set <name> | delete <name>",
  examples: [
    "context -topo_global_server_address etcd.prod:2379 -topo_global_root /vitess/global -topo_etcd_tls_ca prod-ca.pem set prod",
    "context list",
    "context use prod",
    "context show",
    "context delete staging",
  ],
  args: { min: 1, max: 2, complaint: "one action is needed: list, show, use, set or delete" },
  options: {},
  async run({ args: [typed = "", name] }, ctx: Context): Promise<ContextResult> {
    const action = readAction(typed);
    const { access } = ctx;
    const file = access.path ?? "no file";
    if (action === "list") {
      if (name !== undefined) throw new UsageError("context list takes no name");
      return { action, file, contexts: listContexts(await access.contexts()) };
    }
    if (action === "show") return { action, ...showContext(await access.contexts(), file, name) };
    if (name === undefined || name === "") throw new UsageError(`context ${action} needs a context's name`);
    const change = { use: useContext, set: setContext, delete: deleteContext }[action];
    await access.changeContexts(await change(ctx, name));
    return { action, file, name, current: (await access.contexts()).current };
  },
  view(result: ContextResult, io: Io): void {
    if (result.action === "list") viewContexts(result.contexts, result.file, io);
    else if (result.action === "show") viewContext(result, io);
    else io.note(`${done[result.action](result.name)} ${result.file}.${currentOf(result)}`);
  },
});

const done = {
  use: (name: string) => `Context ${name} is the current one in`,
  set: (name: string) => `Context ${name} is written down in`,
  delete: (name: string) => `Context ${name} is deleted from`,
};

function readAction(typed: string): (typeof actions)[number] {
  const found = actions.find((action) => action === typed.toLowerCase());
  if (found !== undefined) return found;
  const near = closest(typed.toLowerCase(), actions);
  throw new UsageError(`invalid action for context: ${typed}`, {
    hint: near === undefined ? `The actions are ${actions.join(", ")}.` : `Did you mean ${near}?`,
  });
}

function currentOf({ action, current, name }: { action: string; current: string | undefined; name: string }): string {
  if (action === "use") return "";
  if (current === undefined) return ' None is the current one: "vtmigrate context use <name>".';
  return current === name ? " It is the current one." : ` The current one is ${current}.`;
}
