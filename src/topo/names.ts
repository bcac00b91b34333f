import { UsageError } from "../errors.js";

/**
 * A name that becomes one element of a path. UsageError for one that would be no element or several: keys are
 * joined with Go's path.Join, where ".." climbs to somebody else's record.
 */
export function pathElement(what: string, name: string): string {
  if (name === "" || name === "." || name === ".." || name.includes("/")) {
    throw new UsageError(`"${name}" can't be the name of a ${what}`);
  }
  return name;
}

/** "127.0.0.1:15999", "[::1]:15999" (go/netutil, JoinHostPort). */
export function joinHostPort(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** "zone1-0000000100" (go/vt/topo/topoproto/tablet.go, TabletAliasString). */
export function formatAlias(alias: { cell: string; uid: number }): string {
  return `${alias.cell}-${String(alias.uid).padStart(10, "0")}`;
}

/** As Vitess prints it in its own complaint (go/vt/topo/topoproto/tablet.go, ParseTabletAlias). */
const ALIAS_FORMAT = "^(?P<cell>[-_.a-zA-Z0-9]+)-(?P<uid>[0-9]+)$";

/** UsageError when it isn't of the form "<cell>-<uid>"; the uid may have fewer than ten digits. */
export function parseAlias(text: string): { cell: string; uid: number } {
  const match = /^([-_.a-zA-Z0-9]+)-(\d+)$/.exec(text);
  const [, cell, uid] = match ?? [];
  if (cell === undefined || Number(uid) > 0xffff_ffff) {
    throw new UsageError(`invalid tablet alias: '${text}', expecting format: '${ALIAS_FORMAT}'`, {
      hint: "The cell, a dash and the tablet's number: zone1-0000000100, or zone1-100.",
    });
  }
  return { cell, uid: Number(uid) };
}
