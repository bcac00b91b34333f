/** Forms in which values that mean the same have the same bytes, for the columns where two servers may print them differently. */

/**
 * Numbers without leading zeros (ZEROFILL, which fills up to a column's display width), without trailing zeros behind the
 * point, and zero without its sign, which a stream loses of a FLOAT or DOUBLE: it writes -0, an integer to MySQL.
 */
export function canonicalNumber(value: Buffer): Buffer {
  const text = value.toString("latin1");
  const match = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?(e[-+]?\d+)?$/.exec(text);
  if (match === null) return value;
  const [, sign = "", whole = "", fraction = "", exponent = ""] = match;
  const digits = fraction === "" ? whole : `${whole}.${fraction}`;
  return Buffer.from(digits === "0" ? "0" : sign + digits + exponent, "latin1");
}

/** Times, and dates with a time (midnight where there is none), without trailing zeros of the second's fraction. */
export function canonicalTime(value: Buffer): Buffer {
  const text = value.toString("latin1").replace(/^\d{4}-\d\d-\d\d$/, "$& 00:00:00");
  return Buffer.from(text.replace(/\.0*$|(\.\d*[1-9])0+$/, "$1"), "latin1");
}

/** A SET's members, which a server prints in the order of the definition, sorted. */
export function canonicalSet(value: Buffer): Buffer {
  return Buffer.from(value.toString("latin1").split(",").sort().join(","), "latin1");
}

/**
 * JSON with sorted keys, no white space, and numbers as one power of ten: binary JSON loses the order of
 * keys, and numbers change their looks on the way through the binlog (1 and 1.0). Text that isn't JSON
 * comes back as it is.
 */
export function canonicalJson(value: Buffer): Buffer {
  const reader = new JsonReader(value.toString("utf8"));
  const canonical = reader.document();
  return canonical === undefined ? value : Buffer.from(canonical);
}

/** JSON.parse would round 64-bit integers and decimals, so numbers stay text here. */
class JsonReader {
  private readonly tokens: string[];
  private at = 0;

  constructor(text: string) {
    this.tokens = text.match(/"(?:[^"\\]|\\.)*"|[-+.\w]+|[{}[\],:]|\S/gs) ?? [];
  }

  document(): string | undefined {
    try {
      const value = this.value();
      return this.at === this.tokens.length ? value : undefined;
    } catch (error) {
      if (error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  private value(): string {
    const token = this.take();
    if (token === "{") return this.members();
    if (token === "[") return this.elements();
    if (token.startsWith('"')) return JSON.stringify(JSON.parse(token));
    if (token === "true" || token === "false" || token === "null") return token;
    return canonicalExponent(token);
  }

  private members(): string {
    const members = new Map<string, string>();
    while (this.tokens[this.at] !== "}") {
      if (members.size > 0) this.expect(",");
      const key = JSON.stringify(JSON.parse(this.take()));
      this.expect(":");
      members.set(key, this.value());
    }
    this.at++;
    const sorted = [...members].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${sorted.map(([key, value]) => `${key}:${value}`).join(",")}}`;
  }

  private elements(): string {
    const elements: string[] = [];
    while (this.tokens[this.at] !== "]") {
      if (elements.length > 0) this.expect(",");
      elements.push(this.value());
    }
    this.at++;
    return `[${elements.join(",")}]`;
  }

  private expect(token: string): void {
    if (this.take() !== token) throw new SyntaxError(`expected ${token}`);
  }

  private take(): string {
    const token = this.tokens[this.at++];
    if (token === undefined) throw new SyntaxError("JSON ends early");
    return token;
  }
}

function canonicalExponent(token: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/.exec(token);
  if (match === null) throw new SyntaxError(`${token} is not a JSON number`);
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = (whole + fraction).replace(/^0+/, "");
  if (digits === "") return "0";
  const significant = digits.replace(/0+$/, "");
  const power = Number(exponent) - fraction.length + (digits.length - significant.length);
  return `${sign}${significant}e${power}`;
}
