/** Names of flags whose value nobody else should read. */
const SECRET = String.raw`[\w-]*(?:password|passwd|secret|token|credential)[\w-]*`;
const ASSIGNED = new RegExp(`^(-{0,2}${SECRET}=).*$`, "is");
const FLAG = new RegExp(`^--?${SECRET}$`, "i");
/** Whatever stands before the last @ of a word with "host:port" behind it: a password may hold slashes, so that a scheme goes with it. */
const USER_INFO = /[^\s,"']+@(?=[\w.[\]:-]+:\d+)/gi;

/** A text for a log or a message: what stands before the @ of an address ("http://user:password@host") is hidden. */
export function hideUserInfo(text: string): string {
  return text.replace(USER_INFO, "***@");
}

/** The words of a command line for a log, without the values of flags for passwords and the like. */
export function hideCredentials(words: readonly string[]): string[] {
  return words.map((word, index) => {
    if (FLAG.test(words[index - 1] ?? "")) return "***";
    return hideUserInfo(word.replace(ASSIGNED, "$1***"));
  });
}
