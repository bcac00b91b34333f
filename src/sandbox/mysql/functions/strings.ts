import { charsetOf, DEFAULT_COLLATION } from "../collations.js";
import { errors } from "../errors.js";
import { asBlob, asDecimal, asText, textOf } from "../translate/coerce.js";
import { computed, literal, sqlText, type Typed } from "../translate/typed.js";
import { binaryType, intType, type SqlType, textType } from "../types/sql-type.js";
import { arg, call, characters, define, int, isBinary, type Rules, stringResult, text } from "./rules.js";

/** The SQLite functions work on characters of texts and on bytes of blobs, like MySQL's on either kind of string. */
export const stringRules: Rules = {
  concat: define(1, 1000, (args) => {
    const { type, of } = stringResult(args, sum(args.map(characters)));
    return computed(asType(type, args.map(of).join(" || ")), type, args);
  }),
  concat_ws: define(2, 1000, ([separator, ...args]) => {
    if (separator === undefined) throw errors.wrongParameterCount("concat_ws");
    const all = [separator, ...args];
    const { type, of } = stringResult(all, sum(all.map(characters)) + args.length * characters(separator));
    return computed(joined(separator, args, type, of), type, all);
  }),
  left: define(2, 2, (args) => {
    const { type, of } = stringResult([arg(args, 0)], characters(arg(args, 0)));
    const count = arg(args, 1).literal;
    // SQLite's substr() makes NULL of an empty blob, and stops at a text's NUL; here it is given digits of a hash and their like.
    if (typeof count === "bigint" && count >= 0n && isHexadecimal(arg(args, 0)))
      return computed(`substr(${of(arg(args, 0))}, 1, ${count})`, type, args);
    return call("my_left", [of(arg(args, 0)), int(args, 1)], type, args);
  }),
  right: define(2, 2, (args) => {
    const { type, of } = stringResult([arg(args, 0)], characters(arg(args, 0)));
    return call("my_right", [of(arg(args, 0)), int(args, 1)], type, args);
  }),
  substring: define(2, 3, (args) => {
    const { type, of } = stringResult([arg(args, 0)], characters(arg(args, 0)));
    return call("my_substring", [of(arg(args, 0)), ...args.slice(1).map((_, i) => int(args, i + 1))], type, args);
  }),
  substring_index: define(3, 3, (args) => {
    const { type } = stringResult([arg(args, 0)], characters(arg(args, 0)));
    return call(
      "my_substring_index",
      [text(args, 0), text(args, 1), int(args, 2)],
      textType(type.length, type.collation ?? DEFAULT_COLLATION),
      args,
    );
  }),
  length: define(1, 1, (args) => computed(`length(${asBlob(arg(args, 0))})`, intType(10))),
  octet_length: define(1, 1, (args) => computed(`length(${asBlob(arg(args, 0))})`, intType(10))),
  bit_length: define(1, 1, (args) => computed(`(8 * length(${asBlob(arg(args, 0))}))`, intType(11))),
  char_length: define(1, 1, (args) =>
    computed(`my_char_length(${isBinary(arg(args, 0)) ? arg(args, 0).sql : text(args, 0)})`, intType(10)),
  ),
  character_length: define(1, 1, (args) =>
    computed(`my_char_length(${isBinary(arg(args, 0)) ? arg(args, 0).sql : text(args, 0)})`, intType(10)),
  ),
  upper: define(1, 1, (args) => caseChange("my_upper", args)),
  ucase: define(1, 1, (args) => caseChange("my_upper", args)),
  lower: define(1, 1, (args) => caseChange("my_lower", args)),
  lcase: define(1, 1, (args) => caseChange("my_lower", args)),
  trim: define(1, 2, (args) => trimmed("both", args)),
  ltrim: define(1, 1, (args) => trimmed("start", args)),
  rtrim: define(1, 1, (args) => trimmed("end", args)),
  trim_leading: define(1, 2, (args) => trimmed("start", args)),
  trim_trailing: define(1, 2, (args) => trimmed("end", args)),
  replace: define(3, 3, (args) =>
    call("replace", [text(args, 0), text(args, 1), text(args, 2)], textOf(arg(args, 0)).type, args),
  ),
  reverse: define(1, 1, (args) => call("my_reverse", [text(args, 0)], textOf(arg(args, 0)).type, args)),
  repeat: define(2, 2, (args) =>
    call("my_repeat", [text(args, 0), int(args, 1)], textType(characters(arg(args, 0)) * 255, DEFAULT_COLLATION), args),
  ),
  lpad: define(3, 3, (args) =>
    call("my_lpad", [text(args, 0), int(args, 1), text(args, 2)], textOf(arg(args, 0)).type, args),
  ),
  rpad: define(3, 3, (args) =>
    call("my_rpad", [text(args, 0), int(args, 1), text(args, 2)], textOf(arg(args, 0)).type, args),
  ),
  locate: define(2, 3, (args) =>
    call("my_locate", [text(args, 0), text(args, 1), ...(args.length > 2 ? [int(args, 2)] : [])], intType(11), []),
  ),
  instr: define(2, 2, (args) => call("my_locate", [text(args, 1), text(args, 0)], intType(11), [])),
  find_in_set: define(2, 2, (args) => call("my_find_in_set", [text(args, 0), text(args, 1)], intType(3), [])),
  field: define(2, 1000, (args) =>
    call(
      "my_field",
      args.map((each) => asText(each)),
      intType(3),
      [],
    ),
  ),
  elt: define(2, 1000, (args) => {
    const { type, of } = stringResult(args.slice(1), Math.max(...args.slice(1).map(characters)));
    return call("my_elt", [int(args, 0), ...args.slice(1).map(of)], type, args);
  }),
  strcmp: define(2, 2, (args) => {
    const [a, b] = [text(args, 0), text(args, 1)];
    const collate = ` COLLATE ${arg(args, 0).type.collation ?? DEFAULT_COLLATION}`;
    return computed(
      `(CASE WHEN ${a} = ${b}${collate} THEN 0 WHEN ${a} < ${b}${collate} THEN -1 WHEN ${a} > ${b}${collate} THEN 1 END)`,
      intType(2),
    );
  }),
  ascii: define(1, 1, (args) => call("my_ascii", [asBlob(arg(args, 0))], intType(3), [])),
  ord: define(1, 1, (args) => call("my_ord", [text(args, 0)], intType(21), [])),
  char: define(1, 1000, (args) => {
    const charset = args.at(-1)?.literal;
    const hasCharset = typeof charset === "string" && args.length > 1;
    const codes = (hasCharset ? args.slice(0, -1) : args).map((_, i) => int(args, i));
    if (!hasCharset) return call("my_char", codes, binaryType(codes.length * 4), []);
    return computed(`CAST(my_char(${codes.join(", ")}) AS TEXT)`, textType(codes.length, DEFAULT_COLLATION));
  }),
  space: define(1, 1, (args) => call("my_repeat", ["' '", int(args, 0)], textType(255, DEFAULT_COLLATION), [])),
  quote: define(1, 1, (args) =>
    call("my_quote", [text(args, 0)], textType(characters(arg(args, 0)) * 2 + 2, DEFAULT_COLLATION), args),
  ),
  hex: define(1, 1, (args) => {
    const operand = arg(args, 0);
    const numeric = ["int", "uint", "decimal", "double", "bit"].includes(operand.type.representation);
    const type = textType(numeric ? 16 : operand.type.length * 2, DEFAULT_COLLATION);
    return numeric
      ? call("my_hex_number", [asDecimal(operand)], type, [])
      : call("my_hex", [asBlob(operand)], type, []);
  }),
  unhex: define(1, 1, (args) =>
    call("my_unhex", [text(args, 0)], binaryType(Math.ceil(characters(arg(args, 0)) / 2)), []),
  ),
  to_base64: define(1, 1, (args) =>
    call("my_to_base64", [asBlob(arg(args, 0))], textType(characters(arg(args, 0)) * 2, DEFAULT_COLLATION), []),
  ),
  from_base64: define(1, 1, (args) =>
    call("my_from_base64", [text(args, 0)], binaryType(characters(arg(args, 0))), []),
  ),
  weight_string: define(1, 1, (args) => {
    const operand = arg(args, 0);
    const { collation } = operand.type;
    const type = binaryType(operand.type.length);
    if (collation === undefined) return computed(asBlob(operand), type);
    return call("my_weight_string", [asText(operand), sqlText(collation)], type, []);
  }),
  charset: define(1, 1, (args) => literal(charsetOf(arg(args, 0).type.collation ?? "binary"))),
  collation: define(1, 1, (args) => literal(arg(args, 0).type.collation ?? "binary")),
};

function asType(type: SqlType, concatenation: string): string {
  return type.representation === "blob" ? `CAST((${concatenation}) AS BLOB)` : `(${concatenation})`;
}

/**
 * SQLite's own concat_ws() forgets the separator behind empty strings. Here it stands before each argument that isn't NULL,
 * and the first is cut off; as bytes, since SQLite cuts texts at NUL.
 */
function joined(separator: Typed, args: readonly Typed[], type: SqlType, of: (operand: Typed) => string): string {
  const sql = of(separator);
  if (separator.literal === null) return "NULL";
  const pieces = args.map((each) => `ifnull(${sql} || ${of(each)}, '')`).join(" || ");
  const cut = `substr(CAST((${pieces}) AS BLOB), length(CAST(${sql} AS BLOB)) + 1)`;
  const result = `ifnull(${type.representation === "blob" ? cut : `CAST(${cut} AS TEXT)`}, ${type.representation === "blob" ? "x''" : "''"})`;
  return separator.literal === undefined ? `(CASE WHEN ${sql} IS NULL THEN NULL ELSE ${result} END)` : result;
}

/** Texts of hash functions have nothing in them that substr() minds. */
function isHexadecimal({ sql }: Typed): boolean {
  return /^my_(?:sha1|sha2|md5|hex)\(/.test(sql);
}

const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0);

function caseChange(name: string, args: Parameters<Rules[string]["rule"]>[0]): ReturnType<Rules[string]["rule"]> {
  // Binary strings have no letters.
  if (isBinary(arg(args, 0))) return computed(arg(args, 0).sql, arg(args, 0).type, args);
  return call(name, [text(args, 0)], textOf(arg(args, 0)).type, args);
}

function trimmed(
  side: "both" | "start" | "end",
  args: Parameters<Rules[string]["rule"]>[0],
): ReturnType<Rules[string]["rule"]> {
  const { type, of } = stringResult([arg(args, 0)], characters(arg(args, 0)));
  const what = args.length > 1 ? of(arg(args, 1)) : type.representation === "blob" ? "x'20'" : "' '";
  return call("my_trim", [of(arg(args, 0)), what, `'${side}'`], type, args);
}
