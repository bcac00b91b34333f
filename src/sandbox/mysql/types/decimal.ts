/** Exact decimals: MySQL's DECIMAL, up to 65 digits, as an integer and a number of digits behind the point. */
export class Decimal {
  constructor(
    readonly unscaled: bigint,
    readonly scale: number,
  ) {}

  /** Accepts "12", "-0.50", "1.5e3"; undefined for anything else. */
  static parse(text: string): Decimal | undefined {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
    if (!match) return undefined;
    const [, sign, whole = "", fraction = "", exponent = "0"] = match;
    if (whole === "" && fraction === "") return undefined;
    const magnitude = BigInt(`${whole}${fraction}`);
    const value = new Decimal(sign === "-" ? -magnitude : magnitude, fraction.length);
    return value.shift(Number(exponent));
  }

  static of(value: bigint | number): Decimal {
    if (typeof value === "bigint") return new Decimal(value, 0);
    return Decimal.parse(String(value)) ?? new Decimal(0n, 0);
  }

  /** Times ten to the power of `exponent`. */
  private shift(exponent: number): Decimal {
    const scale = this.scale - exponent;
    return scale >= 0 ? new Decimal(this.unscaled, scale) : new Decimal(this.unscaled * power(-scale), 0);
  }

  /** Rounded half away from zero. */
  withScale(scale: number): Decimal {
    if (scale >= this.scale) return new Decimal(this.unscaled * power(scale - this.scale), scale);
    const divisor = power(this.scale - scale);
    const half = divisor / 2n;
    const rounded = this.unscaled < 0n ? (this.unscaled - half) / divisor : (this.unscaled + half) / divisor;
    return new Decimal(rounded, scale);
  }

  truncated(scale: number): Decimal {
    if (scale >= this.scale) return this.withScale(scale);
    return new Decimal(this.unscaled / power(this.scale - scale), scale);
  }

  add(other: Decimal): Decimal {
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.withScale(scale).unscaled + other.withScale(scale).unscaled, scale);
  }

  subtract(other: Decimal): Decimal {
    return this.add(new Decimal(-other.unscaled, other.scale));
  }

  multiply(other: Decimal): Decimal {
    return new Decimal(this.unscaled * other.unscaled, this.scale + other.scale);
  }

  /** undefined when `other` is zero. */
  divide(other: Decimal, scale: number): Decimal | undefined {
    if (other.unscaled === 0n) return undefined;
    // One digit more than asked for, so that rounding sees it.
    const shift = scale + 1 - this.scale + other.scale;
    const dividend = shift >= 0 ? this.unscaled * power(shift) : this.unscaled / power(-shift);
    return new Decimal(dividend / other.unscaled, scale + 1).withScale(scale);
  }

  modulo(other: Decimal): Decimal | undefined {
    if (other.unscaled === 0n) return undefined;
    const scale = Math.max(this.scale, other.scale);
    return new Decimal(this.withScale(scale).unscaled % other.withScale(scale).unscaled, scale);
  }

  compare(other: Decimal): number {
    const difference = this.subtract(other).unscaled;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  /** Digits before the point. */
  get wholeDigits(): number {
    const whole = (this.unscaled < 0n ? -this.unscaled : this.unscaled) / power(this.scale);
    return whole === 0n ? 0 : whole.toString().length;
  }

  toBigInt(): bigint {
    return this.withScale(0).unscaled;
  }

  toNumber(): number {
    return Number(this.toString());
  }

  toString(): string {
    const negative = this.unscaled < 0n;
    const digits = (negative ? -this.unscaled : this.unscaled).toString().padStart(this.scale + 1, "0");
    const whole = digits.slice(0, digits.length - this.scale);
    const text = this.scale === 0 ? whole : `${whole}.${digits.slice(-this.scale)}`;
    return negative ? `-${text}` : text;
  }
}

function power(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}
