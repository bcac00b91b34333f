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

/** Of "18.0.8", say. */
export function recordingPath(version: string): string {
  return join(import.meta.dirname, "../../fixtures/recordings", `wire-v${version}.jsonl`);
}

export function readRecords(version: string): WireRecord[] {
  const lines = readFileSync(recordingPath(version), "utf8").trim().split("\n");
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
