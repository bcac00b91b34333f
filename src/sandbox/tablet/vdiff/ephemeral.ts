/** MySQL's errors that may pass (go/mysql/sqlerror/constants.go, IsEphemeralError). */
const passing = new Set([
  1021, 1037, 1038, 1041, 1053, 1078, 1080, 1105, 1129, 1135, 1203, 1205, 1206, 1213, 1226, 1317, 1815, 1874, 2000,
  2002, 2003, 2005, 2006, 2012, 2013, 2018, 2026, 2027, 3024, 3168,
]);

/** A text without a MySQL error's number counts as one that may pass: nearly everything does. */
export function isEphemeral(text: string): boolean {
  const match = /\(errno (\d+)\) \(sqlstate \w{5}\)/.exec(text);
  return match === null || passing.has(Number(match[1]));
}
