import type { Io } from "../../io/io.js";
import { formatWorkflowName, type WorkflowName } from "../../workflow/name.js";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** What vtctl shows for a Migrate that exists: no rule ever routes its tables elsewhere. */
export const NOT_SWITCHED = "Reads Not Switched. Writes Not Switched";

/** What vtctl shows for a workflow without streams. */
export const NOT_FOUND = "Workflow Not Found";

/** The line that ends an action (go/vt/vtctl/vtctl.go, v11 to v24). */
export function printSuccess(io: Io, typed: string, name: WorkflowName, start: string, current: string): void {
  io.print(`${typed} was successful for workflow ${formatWorkflowName(name)}`);
  io.print(`Start State: ${start}`);
  io.print(`Current State: ${current}`);
  io.print("");
}

/** The head of a dry run, with the time as Go's RFC822: "22 Nov 26 16:36 UTC". */
export function printDryRunHead(io: Io, action: string, at: Date, parameters: string[]): void {
  io.print(`Dry Run results for ${action} run at ${rfc822(at)}`);
  io.print(`Parameters: ${parameters.join(" ")}`);
  io.print("");
}

function rfc822(date: Date): string {
  const zone = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" })
    .formatToParts(date)
    .find((part) => part.type === "timeZoneName")?.value;
  const year = String(date.getFullYear()).slice(-2);
  return `${two(date.getDate())} ${MONTHS[date.getMonth()]} ${year} ${two(date.getHours())}:${two(date.getMinutes())} ${zone}`;
}

/** Go's ANSIC in local time: "Sun Nov 22 16:36:51 2026". */
export function ansic(date: Date): string {
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  const day = String(date.getDate()).padStart(2, " ");
  return `${DAYS[date.getDay()]} ${MONTHS[date.getMonth()]} ${day} ${time} ${date.getFullYear()}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
