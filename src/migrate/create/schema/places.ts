/** Something seen in one shard: "commerce/-80", "customer is another table". */
export interface Finding {
  place: string;
  text: string;
}

/**
 * Findings with all the places that they were seen in, those of the same places together, in the order in which
 * they came: [{ places: "commerce/-80, commerce/80-", texts: ["customer", "corder"] }].
 */
export function byPlaces(findings: Finding[]): { places: string; texts: string[] }[] {
  const placesOf = group(findings, ({ text, place }) => [text, place]);
  const seen = [...placesOf].map(([text, places]): [string, string] => [places.join(", "), text]);
  return [...group(seen, (entry) => entry)].map(([places, texts]) => ({ places, texts }));
}

function group<T>(items: T[], entry: (item: T) => [key: string, value: string]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [key, value] of items.map(entry)) groups.set(key, [...(groups.get(key) ?? []), value]);
  return groups;
}
