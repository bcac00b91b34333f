/** Workflow tags, update and -shards. */
import type { Case, Table } from "../case.js";
import { typed } from "../given.js";
import { missingWorkflow, otherWords } from "../reasons.js";

const made = typed("Migrate --cells zx --source ext1.commerce --all Create commerce.wf");

const cases: Case[] = [
  { line: "Workflow commerce.wf tags a,b", differs: [missingWorkflow] },
  { line: "Workflow commerce.wf tags" },
  { line: "Workflow commerce.wf tags a b" },
  { line: "Workflow commerce.wf update" },
  { line: "Workflow --cells zx commerce.wf update", differs: [otherWords("and `update` in the same words")] },
  { line: "Workflow commerce.wf tags A,b", given: [made] },
  { line: ["Workflow", "commerce.wf", "tags", ""], name: "tags of nothing", given: [made] },
  { line: "Workflow commerce.wf update", given: [made] },
  { line: "Workflow --cells zx commerce.wf update", given: [made] },
  { line: "Workflow --cells zx --dry-run commerce.wf update", given: [made] },
  { line: "Workflow --tablet-types replica,rdonly commerce.wf update", given: [made] },
  { line: "Workflow --tablet-types in_order:replica,primary commerce.wf update", given: [made] },
  { line: "Workflow --tablet-types nope commerce.wf update", given: [made] },
  { line: "Workflow --on-ddl EXEC commerce.wf update", given: [made] },
  { line: "Workflow --on-ddl EXEC --dry-run commerce.wf update", given: [made] },
  { line: "Workflow --on-ddl nope commerce.wf update", given: [made] },
];

export const workflowSettingsTable: Table = { name: "Workflow's settings", cases };
