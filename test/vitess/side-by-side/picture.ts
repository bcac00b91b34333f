/** Everything that a command could have changed in the target cluster. */
import { decode, type MessageName } from "../../../src/wire/proto.js";
import { quoteIdentifier } from "../../../src/wire/sql.js";
import type { RunningTablet } from "../harness/tablets.js";
import type { Row, VitessLab } from "../lab.js";
import { chosenUuids } from "./answer.js";

/** Each place's contents as JSON text. */
export type Picture = Map<string, string>;

const MESSAGES: [path: RegExp, message: MessageName][] = [
  [/\/VSchema$/, "vschema.Keyspace"],
  [/\/SrvVSchema$/, "vschema.SrvVSchema"],
  [/\/Shard$/, "topodata.Shard"],
  [/\/Keyspace$/, "topodata.Keyspace"],
  [/\/ExternalClusters\//, "topodata.ExternalVitessCluster"],
];

/** What streams and VDiffs write by themselves, and what differs each time. */
const BY_ITSELF = new Set(
  (
    "id vrepl_id vdiff_id pos time_updated time_heartbeat time_throttled transaction_timestamp rows_copied " +
    "created_at started_at updated_at completed_at liveness_timestamp"
  ).split(" "),
);

const SIDECAR_TABLES = ["vreplication", "copy_state", "post_copy_action", "vdiff", "vdiff_table"];

/**
 * Places: "topology <key>", "<table of _vt> on <alias>: <row>", "tables on <alias>: <table>". Rows are named by
 * workflow, table or UUID.
 */
export async function takePicture(lab: VitessLab): Promise<Picture> {
  const tablets = await Promise.all(lab.primaries("target").map((tablet) => tabletPlaces(lab, tablet)));
  return new Map([...(await topologyPlaces(lab)), ...tablets.flat()]);
}

async function topologyPlaces(lab: VitessLab): Promise<[string, string][]> {
  return (await lab.keys("target")).map(({ key, value }) => {
    const message = MESSAGES.find(([path]) => path.test(key))?.[1];
    const contents = message === undefined ? value.toString("latin1") : decode(message, value);
    // A map's entries are in no order in Go's bytes: sorted, they tell of what the decoder passes over.
    const octets = Buffer.from(value).sort().toString("hex");
    return [`topology ${key.replace(/\/locks\/\d+$/, "/locks/<lease>")}`, sortedJson([contents, octets])];
  });
}

async function tabletPlaces(lab: VitessLab, tablet: RunningTablet): Promise<[string, string][]> {
  const there = await lab.sql(
    tablet,
    "select table_name as name from information_schema.tables where table_schema = '_vt'",
  );
  const names = new Set(there.map(({ name }) => name));
  const places: [string, string][] = [];
  for (const table of SIDECAR_TABLES.filter((name) => names.has(name))) {
    const rows = await lab.sql(tablet, `select * from _vt.${table}`);
    for (const [index, row] of rows.entries()) {
      const name = row.workflow ?? row.table_name ?? index;
      for (const [column, value] of Object.entries(row)) {
        if (BY_ITSELF.has(column)) continue;
        places.push([`${table}.${column} of ${name} on ${tablet.alias}`, settled(column, value)]);
      }
    }
  }
  for (const table of await lab.tables(tablet)) {
    const quoted = quoteIdentifier(table);
    const [made] = await lab.sql(tablet, `show create table ${quoted}`);
    const [count] = await lab.sql(tablet, `select count(*) as n from ${quoted}`);
    places.push([`table ${table} on ${tablet.alias}`, sortedJson([made, count])]);
  }
  return places;
}

/** Without what depends on the moment: no stop position is null or empty, and a stream says for a while what it has picked. */
function settled(column: string, value: string | null): string {
  if (column === "stop_pos") return value ?? "";
  if (column === "vdiff_uuid") return chosenUuids(value ?? "");
  return sortedJson(column === "message" && value?.startsWith("Picked source tablet") ? "" : value);
}

/** Whether nothing is at work that would change the picture: no copy, no VDiff. */
export async function isAtRest(lab: VitessLab): Promise<boolean> {
  const tablets = await Promise.all(
    lab.primaries("target").map(async (tablet) => {
      const streams = await lab.sql(tablet, "select * from _vt.vreplication");
      const copying = await lab.sql(tablet, "select * from _vt.copy_state");
      const vdiffs = lab.release < 14 ? [] : await lab.sql(tablet, "select * from _vt.vdiff");
      return streams.every((stream) => isSettled(stream, copying)) && vdiffs.every(({ state }) => !atWork.has(state));
    }),
  );
  return tablets.every(Boolean);
}

const atWork = new Set<Row[string] | undefined>(["pending", "started"]);
const moving = new Set<Row[string] | undefined>(["Running", "Copying", "Init"]);

function isSettled(stream: Row, copying: Row[]): boolean {
  if (!moving.has(stream.state)) return true;
  // Started again it runs for a moment before it stops.
  if (stream.source?.includes("stop_after_copy:true")) return false;
  return stream.state === "Running" && stream.pos !== "" && !copying.some(({ vrepl_id }) => vrepl_id === stream.id);
}

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, item) =>
    item !== null && typeof item === "object" && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
