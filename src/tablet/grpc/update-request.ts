import type { UpdateVReplicationWorkflowRequest } from "../../wire/generated/tabletmanagerdata/UpdateVReplicationWorkflowRequest.js";
import type { WorkflowUpdate } from "../port.js";

/**
 * What stays as it is has a word of its own: until v21 a tablet takes what the request leaves out for 0, IGNORE and the
 * state Unknown (go/textutil/strings.go, ValueIsSimulatedNull). Later ones hear it too.
 */
const SAME_CELLS = ["NULL"];
/** -1 is no value of any enum; the generated types know but those that are. */
const SAME = -1 as 0;

/** UpdateVReplicationWorkflow as vtctlclient asks it (go/vt/vtctl/vtctl.go, commandWorkflow, v18). */
export function updateRequest(update: WorkflowUpdate & { workflow: string }): UpdateVReplicationWorkflowRequest {
  return {
    workflow: update.workflow,
    cells: update.cells ?? SAME_CELLS,
    tablet_types: update.tabletTypes?.types ?? [SAME],
    tablet_selection_preference: update.tabletTypes?.inOrder ? "INORDER" : "UNKNOWN",
    on_ddl: update.onDdl ?? SAME,
    state: SAME,
  };
}
