/** Workflow tags, update and -shards. */
import type { Case, Difference } from "./case.js";
import { typed } from "./given.js";
import { otherWords } from "./reasons.js";
import { sideBySide } from "./suite.js";

const made = typed("Migrate --cells zx --source ext1.commerce --all Create commerce.wf");

const missing: Difference = {
  in: ["exit", "stdout", "error"],
  because: "of a workflow that doesn't exist fail (exit code 6)",
};

const cases: Case[] = [
  { line: "Workflow commerce.wf tags a,b", differs: [missing] },
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

sideBySide("Workflow's settings", cases);
