import type { Context } from "../../context.js";
import type { Io } from "../../io/io.js";
import { examine } from "../../workflow/doctor/doctor.js";
import type { CleanUp, Finding } from "../../workflow/doctor/finding.js";

export interface Diagnosis {
  keyspace: string;
  /** Absent when the whole keyspace was looked at. */
  workflow?: string;
  findings: Finding[];
}

/** Workflow <ks>[.<wf>] doctor. */
export async function doctor(ctx: Context, keyspace: string, workflow: string | undefined): Promise<Diagnosis> {
  const topo = await ctx.topo();
  const request = { topo, tablets: ctx.tablets(), keyspace, workflow, now: ctx.clock.now(), signal: ctx.signal };
  const findings = await examine(request);
  return { keyspace, ...(workflow !== undefined && { workflow }), findings };
}

/** A numbered paragraph each; what is to be typed stands on lines of its own, four blanks in. */
export function viewDiagnosis({ keyspace, workflow, findings }: Diagnosis, io: Io): void {
  if (findings.length === 0) {
    io.print(`Nothing found in ${workflow === undefined ? keyspace : `${keyspace}.${workflow}`}`);
    return;
  }
  findings.forEach((finding, index) => {
    if (index > 0) io.print("");
    io.print(`${index + 1}. ${finding.what}`);
    io.print(`   ${finding.sure}: ${finding.because}`);
    if (finding.advice !== undefined) io.print(`   ${finding.advice}`);
    for (const step of finding.cleanUp) {
      const where = placeOf(step);
      if (where !== undefined) io.print(`   ${where}`);
      io.print(`    ${step.command}`);
    }
  });
}

function placeOf({ by, on = "" }: CleanUp): string | undefined {
  if (by === "sql") return `On the MySQL of tablet ${on}:`;
  return by === "etcdctl" ? `In ${on}:` : undefined;
}
