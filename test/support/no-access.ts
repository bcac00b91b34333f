import { Access } from "../../src/access/access.js";

/** For a context that opens nothing by its flags: no flag, no environment, no file. */
export function noAccess(): Access {
  const given = { implementation: "", server: "", root: "", context: "", references: {} };
  return new Access(given, { XDG_CONFIG_HOME: "/nonexistent" }, "/");
}
