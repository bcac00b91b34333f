/** Inputs that nobody would type and no server would send, and what a reader may do with them. */
import fc from "fast-check";
import { VtmigrateError } from "../../src/errors.js";

/** Over all suites of this folder: a hundred thousand, and with VTMIGRATE_TEST_ALL a million. */
const total = process.env.VTMIGRATE_TEST_ALL === undefined ? 100_000 : 1_000_000;
/** A busy machine may stop us for a while; no reader of a few kilobytes needs as long. */
const HANG_MS = 5_000;

const token = fc.oneof(
  fc.constantFrom(
    "'",
    '"',
    "`",
    "\\",
    "\0",
    "\n",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    ":",
    ",",
    ".",
    "-",
    "=",
    ";",
  ),
  fc.constantFrom(
    "--",
    "/*",
    "*/",
    "\\x",
    "\\777",
    "1e999",
    "-0",
    "18446744073709551616",
    "null",
    "true",
    "\ufeff",
    "\u2028",
  ),
  fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty"),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc
    .tuple(fc.constantFrom("(", "[", "{", '{"a":', "'", "-", "1"), fc.integer({ min: 2, max: 4_000 }))
    .map(([text, times]) => text.repeat(times)),
);

/** Where, as parts of the text's length; what is cut out there; what is put in. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 30 })),
  put: fc.oneof(fc.constant(""), token),
});

/** Real texts with a few changes, and now and then no such text at all. */
export function mutated(...samples: string[]): fc.Arbitrary<string> {
  const changed = fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([text, changes]) =>
      changes.reduce((now, { at, cut, put }) => {
        const index = Math.floor(at * now.length);
        return now.slice(0, index) + put + now.slice(index + cut);
      }, text),
    );
  return fc.oneof(
    { weight: 8, arbitrary: changed },
    { weight: 1, arbitrary: token },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 60 }) },
  );
}

/** The same for bytes. */
export function mutatedBytes(...samples: Buffer[]): fc.Arbitrary<Buffer> {
  const byte = fc.integer({ min: 0, max: 255 });
  const patch = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    cut: fc.integer({ min: 0, max: 8 }),
    put: fc.array(fc.oneof(byte, fc.constant(0xff)), { maxLength: 11 }),
  });
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(patch, { minLength: 1, maxLength: 4 }))
    .map(([bytes, patches]) =>
      patches.reduce((now, { at, cut, put }) => {
        const index = Math.floor(at * now.length);
        return Buffer.concat([now.subarray(0, index), Buffer.from(put), now.subarray(index + cut)]);
      }, bytes),
    );
}

type ErrorClass = abstract new (...args: never[]) => Error;

/**
 * That `read` takes every input, or refuses it with an error of ours, or one of those that its docstring names; and
 * comes back. `share` of all inputs is its own.
 */
export async function survives<T>(
  inputs: fc.Arbitrary<T>,
  share: number,
  read: (input: T) => unknown,
  ...foreseen: ErrorClass[]
): Promise<void> {
  const property = fc.asyncProperty(inputs, async (input) => {
    const began = performance.now();
    try {
      await read(input);
    } catch (error) {
      const known = error instanceof VtmigrateError || foreseen.some((each) => error instanceof each);
      if (!known) throw error;
      if (!(error instanceof Error) || error.message === "") throw new Error("an error without a sentence");
    }
    if (performance.now() - began > HANG_MS) throw new Error("it took too long");
  });
  await fc.assert(property, { numRuns: Math.ceil(total * share) });
}
