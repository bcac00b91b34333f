import { UsageError } from "../errors.js";

export interface WorkflowName {
  keyspace: string;
  workflow: string;
}

/** "commerce.wf". UsageError "invalid format for <keyspace.workflow>: <text>", as vtctl words it. */
export function parseWorkflowName(text: string): WorkflowName {
  const [keyspace, workflow, ...rest] = text.split(".");
  // Both become parts of topology paths (the record, the named lock).
  const plain = (part: string | undefined) => part !== undefined && part !== "" && !/[/\s]/.test(part);
  if (!plain(keyspace) || !plain(workflow) || rest.length > 0) {
    throw new UsageError(`invalid format for <keyspace.workflow>: ${text}`, {
      hint: "The target keyspace and the workflow's name, with one dot between them: commerce.wf",
    });
  }
  return { keyspace: keyspace ?? "", workflow: workflow ?? "" };
}

export function formatWorkflowName({ keyspace, workflow }: WorkflowName): string {
  return `${keyspace}.${workflow}`;
}
