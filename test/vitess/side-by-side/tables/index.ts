/** Every table of cases. */
import type { Table } from "../case.js";
import { createTable } from "./create.js";
import { endTable } from "./end.js";
import { lookTable } from "./look.js";
import { migrateChecksTable } from "./migrate-checks.js";
import { mountTable } from "./mount.js";
import { tabletVdiffTable } from "./tablet-vdiff.js";
import { vdiffTable } from "./vdiff.js";
import { vschemaTable } from "./vschema.js";
import { vschemaStatementsTable } from "./vschema-statements.js";
import { workflowTable } from "./workflow.js";
import { workflowSettingsTable } from "./workflow-settings.js";

export const tables: Table[] = [
  mountTable,
  vschemaTable,
  vschemaStatementsTable,
  migrateChecksTable,
  createTable,
  endTable,
  workflowTable,
  workflowSettingsTable,
  vdiffTable,
  tabletVdiffTable,
  lookTable,
];
