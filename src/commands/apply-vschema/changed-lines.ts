/** What changes between two texts: lines with "-" and "+", with three lines around them; nothing when they are the same. */
export async function changedLines(before: string, after: string): Promise<string[]> {
  // Only a dry run needs it.
  const { structuredPatch } = await import("diff");
  const { hunks } = structuredPatch("", "", `${before}\n`, `${after}\n`);
  return hunks.flatMap(({ lines }, index) => (index === 0 ? lines : ["...", ...lines]));
}
