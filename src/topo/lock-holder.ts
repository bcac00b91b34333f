import type { LockContents } from "./port.js";

/** "vt on vm1 holds it for "VDiff" since 2024-05-01T10:20:30Z". */
export function describeHolder(holder: LockContents): string {
  const { UserName, HostName, Action, Time } = holder;
  const who = [UserName || "somebody", HostName && `on ${HostName}`].filter(Boolean).join(" ");
  return `${who} holds it for "${Action || "unknown"}" since ${Time || "an unknown time"}`;
}
