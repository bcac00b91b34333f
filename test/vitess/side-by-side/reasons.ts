/** Why vtmigrate does otherwise, where several tables of cases need it: each with the words of docs/differences.md. */
import type { Difference } from "./case.js";

/** Places of everything that a Create leaves behind. */
const created = ["vreplication.", "table "] as const;

/** vtctlclient fails, vtmigrate does what was meant. */
export const spelling: Difference = {
  in: ["exit", "error"],
  because: "Flags parse in every spelling that any release took",
};

export const names: Difference = {
  in: ["exit", "error"],
  because: "Names of mounts, keyspaces and workflows with slashes, dots or blanks are refused",
};

export const typeMigrate: Difference = {
  in: ["vreplication.workflow_type"],
  because: "**Streams are of type Migrate**",
};

export const ourRecord: Difference = {
  in: ["topology /vitess/global/vtmigrate/"],
  because: "by the workflow's record in the topology",
};

/** What every Create differs in. */
export const createdByUs: Difference[] = [typeMigrate, ourRecord];

/** vtctlclient begins something, vtmigrate refuses it; of the streams some column or other may be equal. */
export function refusedByUs(because: string, more: readonly string[] = created): Difference {
  return { in: ["exit", "stdout", "error", ...more], because };
}

/** The other way round. */
export function doneByUs(because: string): Difference {
  return { in: ["exit", "stdout", "error", ...created, "topology /vitess/global/vtmigrate/"], because };
}

/** Both fail, with other words. */
export function otherWords(because: string): Difference {
  return { in: ["error"], because };
}

export const missingWorkflow: Difference = {
  in: ["exit", "stdout", "error"],
  because: "of a workflow that doesn't exist fail (exit code 6)",
};
