import type { status } from "@grpc/grpc-js";
import { TabletError } from "../errors.js";
import type { TabletState } from "../state.js";

/** An error with `code` where the version gives its VDiff's refusals codes; UNKNOWN otherwise. */
export function refusal({ profile }: TabletState, code: status, text: string): Error {
  return profile.vdiff.errorCodes ? new TabletError(code, text) : new Error(text);
}
