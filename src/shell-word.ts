/** A word of a command line that is printed to be pasted: in single quotes when a shell would read it otherwise. */
export function shellWord(word: string): string {
  return /^[\w.,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
