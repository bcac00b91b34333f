import { formatAlias, joinHostPort } from "../../topo/names.js";
import type { TabletDocument } from "./tablet-document.js";
import { tabletTypeName } from "./tablet-type.js";

/**
 * A tablet's eight columns as `ListAllTablets` prints them, for awk (go/cmd/vtctldclient/cli/awk.go, v22): alias,
 * keyspace, shard, type, address of the HTTP port, address of MySQL, tags, start of its term as a primary.
 */
export function tabletLine(tablet: TabletDocument): string {
  return [
    tablet.alias === null ? "" : formatAlias(tablet.alias),
    tablet.keyspace || "<null>",
    tablet.shard || "<null>",
    tabletTypeName(tablet.type),
    joinHostPort(tablet.hostname, tablet.port_map.get("vt") ?? 0),
    joinHostPort(tablet.mysql_hostname, tablet.mysql_port),
    tagList(tablet.tags),
    termStart(tablet),
  ].join(" ");
}

function tagList(tags: ReadonlyMap<string, string>): string {
  const pairs = [...tags].map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return `[${pairs.sort().join(" ")}]`;
}

/** RFC 3339 in UTC, without fractions. */
function termStart({ primary_term_start_time: time }: TabletDocument): string {
  const seconds = Number(time?.seconds ?? 0);
  return seconds > 0 ? new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z") : "<null>";
}
