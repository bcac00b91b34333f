const prefixes = ["", "k", "M", "G", "T"];

/** "0.4", "87", "1.2k", "212k", "3.4M": three places at most, so that columns keep their width. */
export function short(value: number): string {
  let scaled = value;
  let prefix = 0;
  while (scaled >= 999.5 && prefix < prefixes.length - 1) {
    scaled /= 1000;
    prefix++;
  }
  const fraction = scaled < 9.95 && (prefix > 0 || value > 0) && !Number.isInteger(scaled);
  return `${fraction ? scaled.toFixed(1) : Math.round(scaled)}${prefixes[prefix]}`;
}

/** Exact up to six digits: "123,456"; "1.23M" above. */
export function count(value: number): string {
  if (value < 1_000_000) return Math.round(value).toLocaleString("en-US");
  const scale = value < 999_500_000 ? 1e6 : value < 999_500_000_000 ? 1e9 : 1e12;
  const scaled = value / scale;
  const places = scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0;
  return `${scaled.toFixed(places)}${scale === 1e6 ? "M" : scale === 1e9 ? "G" : "T"}`;
}

/** "31 MB": powers of ten, as disks and networks count. */
export function size(bytes: number): string {
  const text = short(bytes);
  const prefix = /[a-zA-Z]$/.exec(text)?.[0] ?? "";
  return `${text.slice(0, text.length - prefix.length)} ${prefix}B`;
}

/** "8 s", "45 s", "3 min", "2 h 10 min": no finer than such a number can be. */
export function time(seconds: number): string {
  const step = seconds < 20 ? 1 : seconds < 57.5 ? 5 : seconds < 3570 ? 60 : 600;
  const rounded = Math.max(1, Math.round(seconds / step)) * step;
  if (rounded < 60) return `${rounded} s`;
  if (rounded < 3600) return `${rounded / 60} min`;
  const minutes = (rounded % 3600) / 60;
  return `${Math.floor(rounded / 3600)} h${minutes === 0 ? "" : ` ${minutes} min`}`;
}
