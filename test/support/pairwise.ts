/** Combinations of dimensions' values. */
export type Dimensions = Readonly<Record<string, readonly unknown[]>>;
export type Combination<D extends Dimensions> = { [K in keyof D]: D[K][number] };

/** Every combination. */
export function product<D extends Dimensions>(dimensions: D): Combination<D>[] {
  let combinations: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(dimensions)) {
    combinations = combinations.flatMap((rest) => values.map((value) => ({ ...rest, [name]: value })));
  }
  return combinations as Combination<D>[];
}

/**
 * Few combinations in which any two values of different dimensions meet at least once: again and again the combination
 * that brings most new pairs together. The same dimensions give the same list.
 */
export function pairwise<D extends Dimensions>(dimensions: D): Combination<D>[] {
  const all = product(dimensions).map((combination) => ({ combination, pairs: pairsOf(dimensions, combination) }));
  const missing = new Set(all.flatMap(({ pairs }) => pairs));
  const chosen: Combination<D>[] = [];
  while (missing.size > 0) {
    let best = all[0];
    let most = 0;
    for (const candidate of all) {
      const fresh = candidate.pairs.filter((pair) => missing.has(pair)).length;
      if (fresh > most) [best, most] = [candidate, fresh];
    }
    if (best === undefined) break;
    for (const pair of best.pairs) missing.delete(pair);
    chosen.push(best.combination);
  }
  return chosen;
}

function pairsOf<D extends Dimensions>(dimensions: D, combination: Combination<D>): string[] {
  const places = Object.entries(dimensions).map(([name, values]) => `${name}:${values.indexOf(combination[name])}`);
  return places.flatMap((one, i) => places.slice(i + 1).map((other) => `${one} ${other}`));
}
