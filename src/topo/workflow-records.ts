import { getIfExists, unlessNotFound } from "./cas.js";
import { pathElement } from "./names.js";
import type { Conn, Topo } from "./port.js";

export type WorkflowRecords = Pick<Topo, "workflowRecord" | "saveWorkflowRecord" | "deleteWorkflowRecord">;

/** What this tool has noted about its workflows, beside Vitess's own directories in the global topology. */
export function workflowRecords(global: Conn): WorkflowRecords {
  return {
    async workflowRecord(keyspace, workflow) {
      const file = await getIfExists(global, recordPath(keyspace, workflow));
      return file && { contents: file.contents.toString("utf8"), version: file.version };
    },

    /** Without a version the record must not exist yet. ConflictError in both cases. */
    async saveWorkflowRecord(keyspace, workflow, contents, version) {
      const path = recordPath(keyspace, workflow);
      const bytes = Buffer.from(contents);
      return version === undefined ? global.create(path, bytes) : global.update(path, bytes, version);
    },

    /** One that doesn't exist is fine. */
    async deleteWorkflowRecord(keyspace, workflow) {
      await unlessNotFound(global.delete(recordPath(keyspace, workflow)));
    },
  };
}

function recordPath(keyspace: string, workflow: string): string {
  return `vtmigrate/${pathElement("keyspace", keyspace)}/${pathElement("workflow", workflow)}`;
}
