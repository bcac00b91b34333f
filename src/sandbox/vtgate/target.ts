import { SqlError } from "./errors.js";
import type { TabletTypeName } from "./topology.js";

/** What a client's database names: "commerce", "commerce@replica", "commerce:-80@primary", "commerce/0". */
export interface TargetString {
  /** "" when no database was chosen. */
  keyspace: string;
  /** Undefined: the vtgate chooses by the query. */
  shard: string | undefined;
  tabletType: TabletTypeName;
}

const tabletTypes: Record<string, TabletTypeName> = {
  primary: "PRIMARY",
  master: "PRIMARY",
  replica: "REPLICA",
  rdonly: "RDONLY",
};

/** go/vt/topo/topoproto/destination.go, ParseDestination. */
export function parseTarget(text: string): TargetString {
  const [place = "", type, ...rest] = text.split("@");
  const tabletType = type === undefined ? "PRIMARY" : tabletTypes[type.toLowerCase()];
  if (tabletType === undefined || rest.length > 0) {
    throw new SqlError(1049, "42000", `Unknown database '${text}': no tablet type is spelled '@${type}'`);
  }
  const separator = place.search(/[:/]/);
  if (separator < 0) return { keyspace: place, shard: undefined, tabletType };
  return { keyspace: place.slice(0, separator), shard: place.slice(separator + 1), tabletType };
}

export function formatTarget(target: TargetString): string {
  const shard = target.shard === undefined ? "" : `:${target.shard}`;
  const type = target.tabletType === "PRIMARY" ? "" : `@${target.tabletType.toLowerCase()}`;
  return `${target.keyspace}${shard}${type}`;
}
