import type { WorkflowRecord } from "./record.js";
import { WORKFLOW_SUB_TYPES } from "./state.js";
import type { Stream } from "./streams.js";

const PARTIAL = WORKFLOW_SUB_TYPES.indexOf("Partial");

/**
 * Whether only some shards were to be copied (`-source_shards`): our record says so, else the streams, in a column that
 * tablets have since v16 (binlogdata.VReplicationWorkflowSubType).
 */
export function isPartial(streams: readonly Stream[], record: WorkflowRecord | undefined): boolean {
  return record?.shards !== undefined || streams.some(({ workflowSubType }) => workflowSubType === PARTIAL);
}
