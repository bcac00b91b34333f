/** Why vtmigrate does otherwise: each with the words of docs/differences.md that say so. */
import type { Difference } from "./case.js";

export const spelling: Difference = {
  in: ["exit", "error"],
  because: "Flags parse in every spelling that any release took",
};
