/**
 * The candidate nearest to what was typed, or undefined when none is near: at most one edit for every
 * three letters (transpositions count once), or a unique beginning. Letter case doesn't count.
 */
export function closest(typed: string, candidates: Iterable<string>): string | undefined {
  const word = typed.toLowerCase();
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  const longer: string[] = [];
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    if (word.length >= 2 && other.startsWith(word)) longer.push(candidate);
    if (Math.abs(other.length - word.length) > limit) continue;
    const distance = editDistance(word, other);
    if (distance < bestDistance && distance < word.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? (longer.length === 1 ? longer[0] : undefined);
}

/** Edits between two words: insert, delete, replace, or swap of neighbours (optimal string alignment). */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replace, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
