import { hostname, userInfo } from "node:os";
import type { LockContents } from "../port.js";

/**
 * What Vitess writes into a lock, JSON with two spaces (go/vt/topo/locks.go, newLock and ToJSON; `Options` since
 * v22). Nothing parses it but people and this tool.
 */
export function formatLockContents(action: string, now: Date): string {
  const contents: LockContents = {
    Action: action,
    HostName: hostname(),
    UserName: userName(),
    // RFC 3339 without fractions, as Go formats it.
    Time: now.toISOString().replace(/\.\d+Z$/, "Z"),
    Options: {},
    Status: "Running",
  };
  return JSON.stringify(contents, undefined, 2);
}

/** Fields that are missing, or contents that are no JSON, come out empty. */
export function parseLockContents(text: string): LockContents {
  const stored = parseObject(text);
  const field = (name: string) => (typeof stored[name] === "string" ? stored[name] : "");
  return {
    Action: field("Action"),
    HostName: field("HostName"),
    UserName: field("UserName"),
    Time: field("Time"),
    ...(typeof stored.Options === "object" && stored.Options !== null && { Options: stored.Options }),
    Status: field("Status"),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no entry in its passwd file.
    return process.env.USER ?? "";
  }
}
