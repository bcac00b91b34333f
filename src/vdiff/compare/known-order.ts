import type { Field__Output as Field } from "../../wire/generated/query/Field.js";
import type { RowShape } from "./row-shape.js";
import type { SideFields } from "./samples.js";

/** MySQL's max_sort_length: sorting may look at no more bytes of a value. */
const SORTED_BYTES = 1024;

/**
 * Whether the places of rows (place.ts) are no guess: both servers sort every column of the key as comparePlaces does.
 * Then a row that the other side has passed has no partner there.
 */
export function hasKnownOrder({ key, keyOrder }: RowShape, { source, target }: SideFields): boolean {
  return key.every((column, i) => {
    const sides = [source[column], target[column]];
    return sides.every((field) => field !== undefined && sortsLike(field, keyOrder[i]));
  });
}

/** Text with a `_bin` collation comes as VARBINARY as well, but with its connection's character set: 63 is binary. */
function sortsLike({ type, charset, column_length }: Field, order: RowShape["keyOrder"][number] | undefined): boolean {
  if (order === "integer") return /^(U?INT\d+|YEAR)$/.test(String(type));
  if (order !== "bytes") return false;
  return /^(VAR)?BINARY$/.test(String(type)) && charset === 63 && column_length <= SORTED_BYTES;
}
