/** Whatever topologies and tablets send: fields that are missing or absurd, or no protobuf at all. */
import fc from "fast-check";
import { describe, it } from "vitest";
import { compact, goJson } from "../../src/io/json.js";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import type { Tablet, TabletRecord } from "../../src/tablet/port.js";
import { decodeFile, fieldsOf } from "../../src/topo/stored.js";
import { decodeVSchema } from "../../src/vschema/document.js";
import { unknownFields } from "../../src/vschema/unknown-fields.js";
import { readRows } from "../../src/wire/encoded-row.js";
import { decode, encode, type MessageName } from "../../src/wire/proto.js";
import { decodeResult, encodeResult, type ResultSet, records } from "../../src/wire/result.js";
import { showDocument } from "../../src/workflow/show.js";
import {
  copyIsDone,
  hasStarted,
  shownState,
  stoppedAfterCopy,
  trouble,
  workflowTables,
} from "../../src/workflow/state.js";
import { readStreams } from "../../src/workflow/streams.js";
import type { Target } from "../../src/workflow/targets.js";
import { mutatedBytes, survives } from "./inputs.js";

const minutes = { timeout: 1_800_000 };

describe("bytes", minutes, () => {
  const messages: [MessageName, Buffer][] = [
    ["vschema.Keyspace", encode("vschema.Keyspace", shardedCommerce)],
    [
      "topodata.Tablet",
      encode("topodata.Tablet", {
        alias: { cell: "zone1", uid: 100 },
        hostname: "localhost",
        port_map: { grpc: 16100, vt: 15100 },
        keyspace: "commerce",
        shard: "-80",
        key_range: { end: Buffer.from([0x80]) },
        type: "PRIMARY",
      }),
    ],
    [
      "topodata.Shard",
      encode("topodata.Shard", {
        primary_alias: { cell: "zone1", uid: 100 },
        is_primary_serving: true,
        tablet_controls: [{ tablet_type: "PRIMARY", denied_tables: ["a", "b"] }],
      }),
    ],
    ["topodata.CellInfo", encode("topodata.CellInfo", { server_address: "localhost:2379", root: "/vitess/zone1" })],
  ];

  it.each(messages)("in a topology's %s", async (name, bytes) => {
    await survives(mutatedBytes(bytes), 0.02, (contents) => {
      decodeFile(name, { path: "x", contents, version: "1" });
      fieldsOf("x", contents);
    });
  });

  it("of a VSchema with fields from the future", async () => {
    await survives(mutatedBytes(encode("vschema.Keyspace", shardedCommerce)), 0.02, (bytes) => {
      unknownFields(bytes);
      decodeVSchema(bytes);
    });
  });

  it("of a result", async () => {
    const result = encode(
      "query.QueryResult",
      encodeResult(
        rows(
          ["id", "source"],
          [
            ["1", "abc"],
            ["2", null],
          ],
        ),
      ),
    );
    await survives(mutatedBytes(result), 0.04, (bytes) => {
      const decoded = decodable(bytes);
      if (decoded !== undefined) records(decodeResult(decoded));
    });
  });

  it("of a stream's rows", async () => {
    const result = encodeResult(
      rows(
        ["id", "name"],
        [
          ["1", "abc"],
          ["22", null],
          ["333", ""],
        ],
      ),
    );
    const packet = encode("binlogdata.VStreamResultsResponse", { rows: result.rows ?? [] });
    await survives(
      mutatedBytes(packet),
      0.06,
      (bytes) => readRows(bytes, 2).map((row) => [row.value(0), row.value(1)]),
      RangeError,
    );
  });
});

/** What grpc-js can't decode is a failed call; the rest is ours. */
function decodable(bytes: Buffer) {
  try {
    return decode("query.QueryResult", bytes);
  } catch {
    return undefined;
  }
}

function rows(names: string[], values: (string | null)[][]): ResultSet {
  const fields = names.map((name) => ({ name }));
  const empty = decode("query.QueryResult", encode("query.QueryResult", { fields }));
  return {
    ...decodeResult(empty),
    rows: values.map((row) => row.map((value) => (value === null ? null : Buffer.from(value)))),
  };
}

describe("streams of a tablet", minutes, () => {
  const columns = [
    ...["id", "workflow", "source", "pos", "stop_pos", "max_tps", "cell", "tablet_types", "time_updated", "state"],
    ...["transaction_timestamp", "message", "db_name", "rows_copied", "tags", "time_heartbeat", "workflow_type"],
    ...["time_throttled", "component_throttled", "workflow_sub_type", "defer_secondary_keys", "options"],
    ...["vrepl_id", "table_name", "lastpk"],
  ];
  const value = fc.oneof(
    fc.constantFrom("Running", "Copying", "Stopped", "Error", "Init", "", null, "MySQL56/abc:1-5", "MySQL56/x", "/"),
    fc.constantFrom(
      'keyspace:"c" shard:"0" filter:{rules:{match:"t"}}',
      "filter:{",
      "20261122163640",
      "99999999999999999999",
    ),
    fc.integer().map(String),
    fc.string({ unit: "binary", maxLength: 12 }),
  );
  const result = fc
    .subarray(columns, { minLength: 1 })
    .chain((names) =>
      fc.array(fc.array(value, { maxLength: names.length + 1 }), { maxLength: 3 }).map((values) => rows(names, values)),
    );

  function target(answers: ResultSet[]): Target {
    const record: Partial<TabletRecord> = { alias: "zone1-0000000100", dbName: "vt_commerce" };
    let asked = 0;
    const primary = {
      record,
      vreplicationExec: async (query: string) => {
        if (/NaN|undefined|\[object/.test(query)) throw new TypeError(`sent: ${query}`);
        return answers[asked++ % answers.length];
      },
    };
    return {
      shard: {
        keyspace: "commerce",
        name: "0",
        primaryAlias: "zone1-0000000100",
        tabletControls: [],
        isPrimaryServing: true,
      },
      primary: primary as unknown as Tablet,
    } as Target;
  }

  it("are shown, or refused with a sentence", async () => {
    await survives(fc.array(result, { minLength: 1, maxLength: 3 }), 0.1, async (answers) => {
      const workflow = await readStreams("commerce", "wf", [target(answers)]);
      for (const stream of workflow.streams) {
        for (const look of [trouble, shownState, copyIsDone, stoppedAfterCopy, hasStarted]) look(stream);
      }
      workflowTables(workflow.streams);
      goJson(showDocument(workflow, new Date(0)), compact);
    });
  });
});
