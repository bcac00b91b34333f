/** DOUBLE as MySQL prints it: the shortest text that reads back, see `plain`. */
export function formatDouble(value: number): string {
  if (Object.is(value, -0)) return "-0";
  const text = String(value);
  const size = Math.abs(value);
  // Where JavaScript prints the same.
  return size >= 1e-6 && size < 1e15 ? text : plain(text);
}

/** FLOAT prints 6 significant digits. */
export function formatFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  return plain(String(Number(value.toPrecision(6))));
}

/** JavaScript switches to exponents at 1e21 and 1e-7; MySQL (my_gcvt) at 1e15 and below 1e-15. */
function plain(text: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, "").replace(/0+$/, "");
  if (digits === "") return `${sign}0`;
  // The point stands behind this many of the digits.
  const leadingZeros = `${whole}${fraction}`.length - `${whole}${fraction}`.replace(/^0+/, "").length;
  const point = whole.length + Number(exponent) - leadingZeros;
  if (point > 15 || point < -14) {
    const mantissa = digits.length > 1 ? `${digits.charAt(0)}.${digits.slice(1)}` : digits;
    return `${sign}${mantissa}e${point - 1}`;
  }
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  if (point >= digits.length) return `${sign}${digits}${"0".repeat(point - digits.length)}`;
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** The number a text starts with, as MySQL reads it in numeric context; 0 when there is none. */
export function leadingNumber(text: string): number {
  const match = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/.exec(text);
  return match ? Number(match[0]) : 0;
}
