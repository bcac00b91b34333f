import { formatGrid } from "../../../io/grid.js";
import { goJson, tabIndented } from "../../../io/json.js";
import { formatWorkflowName, type WorkflowName } from "../../../workflow/name.js";
import type { ListedVdiff } from "../list.js";

/** vtctlclient's answer to `show all` (go/vt/vtctl/vdiff2.go, v22). */
export function renderList(name: WorkflowName, listed: readonly ListedVdiff[]): string {
  if (listed.length === 0) return `No vdiffs found for ${formatWorkflowName(name)}\n`;
  const rows = listed.map(({ uuid, workflow, keyspace, shard, state }) => [uuid, workflow, keyspace, shard, state]);
  return `${formatGrid(["UUID", "Workflow", "Keyspace", "Shard", "State"], rows)}\n`;
}

/** The same with -format json. */
export function renderListJson(listed: readonly ListedVdiff[]): string {
  const items = listed.map(({ uuid, workflow, keyspace, shard, state }) => ({
    UUID: uuid,
    Workflow: workflow,
    Keyspace: keyspace,
    Shard: shard,
    State: state,
  }));
  return `${goJson(items, tabIndented)}\n`;
}
