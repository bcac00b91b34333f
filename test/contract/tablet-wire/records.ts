/** The recorded calls of one version's tablets. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ProfileName } from "../../../src/sandbox/tablet/profiles.js";

export interface WireRecord {
  name: string;
  /** "/tabletmanagerservice.TabletManager/Ping" */
  method: string;
  request: Buffer;
  responses: Buffer[];
  error: { code: number; details: string } | null;
}

const files: Partial<Record<ProfileName, string>> = {
  v11: "wire-v11.0.4.jsonl",
  v14: "wire-v14.0.5.jsonl",
  v22: "wire-v22.0.3.jsonl",
};

export function readRecords(version: ProfileName): WireRecord[] {
  const path = join(import.meta.dirname, "../../fixtures/recordings", files[version] ?? "");
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
