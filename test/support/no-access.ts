import { Access } from "../../src/access/access.js";

/** For a context that opens nothing by its flags: an address, no environment, no file. */
export function noAccess(): Access {
  const given = { implementation: "", server: "toy:2379", root: "/vitess/global", context: "", references: {} };
  return new Access(given, {
    env: { XDG_CONFIG_HOME: "/nonexistent" },
    cwd: "/",
    signal: new AbortController().signal,
  });
}
