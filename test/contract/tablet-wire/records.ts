/** The recorded calls of one version's tablets: a line of JSON each. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

export interface WireRecord {
  name: string;
  /** "/tabletmanagerservice.TabletManager/Ping" */
  method: string;
  request: Buffer;
  responses: Buffer[];
  error: { code: number; details: string } | null;
}

/** Of the recording with this name, see recordings.ts. */
export function readRecords(name: string): WireRecord[] {
  const path = join(import.meta.dirname, "../../fixtures/recordings", `wire-v${name}.jsonl`);
  const lines = readFileSync(path, "utf8").trim().split("\n");
  return lines.map((line) => {
    const record = JSON.parse(line);
    return {
      name: record.name,
      method: record.method,
      request: Buffer.from(record.request_base64 ?? "", "base64"),
      responses: (record.responses_base64 ?? []).map((text: string) => Buffer.from(text, "base64")),
      error: record.error,
    };
  });
}
