import type { Install } from "./install.js";
import type { RunAs } from "./run-as.js";

/** What every server of an installation is started with. */
export interface Setup {
  install: Install;
  folder: string;
  runAs: RunAs;
  /** Told of every server that is up. */
  onProgress(name: string): void;
}
