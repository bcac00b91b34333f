import { randomUUID } from "node:crypto";
import { UsageError } from "../../errors.js";

/** A VDiff's name: any UUID, in lower case. */
export function newUuid(): string {
  return randomUUID();
}

/** Undefined for what isn't one, in the form with dashes. */
export function asUuid(text: string): string | undefined {
  const lower = text.toLowerCase();
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(lower) ? lower : undefined;
}

/** UsageError in vtctlclient's words, which come from google/uuid: "invalid UUID length: 3, please provide a valid UUID". */
export function parseUuid(text: string): string {
  const uuid = asUuid(text);
  if (uuid !== undefined) return uuid;
  const length = Buffer.byteLength(text);
  const why = length === 36 ? "invalid UUID format" : `invalid UUID length: ${length}`;
  throw new UsageError(`${why}, please provide a valid UUID`, {
    hint: "Leave it out, and one is made. For example: 0f3b6a6c-5a4e-4c52-9d3b-7d1c0b1f2a33",
  });
}
