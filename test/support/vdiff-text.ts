/** A VDiff report's text without the lines that vtctlclient doesn't have, which docs/vdiff-report.md lists. */
export function asVtctlclient(text: string): string {
  return text.replace(/^\t\t(Missing on|Differing columns): .*\n/gm, "").replace(/^Proof: .*\n(.+\n)*\n/m, "");
}
