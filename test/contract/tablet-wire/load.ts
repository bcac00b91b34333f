/** A source and a target tablet in the state in which the real ones were recorded. */
import { Client, credentials } from "@grpc/grpc-js";
import type { VersionProfile } from "../../../src/sandbox/tablet/profiles.js";
import { positionContains } from "../../../src/wire/position.js";
import { decode } from "../../../src/wire/proto.js";
import { decodeResult, records } from "../../../src/wire/result.js";
import { sqlString } from "../../../src/wire/sql.js";
import { Cluster, rows, run, showStreams, startStreams, until } from "../../unit/sandbox-tablet/clusters.js";
import { readRecords, type WireRecord } from "./records.js";
import {
  currentStream,
  isOfSource,
  type RecordedStream,
  recordedData,
  recordedInsert,
  recordedSchema,
  recordedVDiff,
} from "./state.js";

export interface Loaded {
  /** A channel to the tablet that the record was made on. */
  client(record: WireRecord): Client;
  stop(): Promise<void>;
}

/** Of the source that v22 was recorded with. */
const sourceUuid = "0161eb37-e68d-11f1-a320-02fc00000001";
const recordedPosition = `MySQL56/${sourceUuid}:1-38`;

/** With the stream of an earlier recording, or as tablets are recorded now. */
export async function load(
  profile: VersionProfile,
  stream: RecordedStream = currentStream({ options: profile.sidecar.options }),
): Promise<Loaded> {
  const [zx, zone1] = await Promise.all([Cluster.start("zx"), Cluster.start("zone1")]);
  const clients: Client[] = [];
  const stop = async () => {
    for (const client of clients) client.close();
    await Promise.all([zx.stop(), zone1.stop()]);
  };
  try {
    const timings = { rowsCopiedMs: 30_000 };
    const { uids = { source: 1, target: 1 } } = stream;
    const sourceTablet = await zx.tablet({ uid: uids.source, profile, timings }, sourceUuid);
    const targetTablet = await zone1.tablet({ uid: uids.target, profile, timings });
    await zone1.mount("ext1", zx);
    run(sourceTablet, recordedSchema() + recordedData);
    // As far as the real source was when its streams were asked to wait for an earlier position.
    while (!positionContains(`MySQL56/${sourceTablet.mysql.gtidExecuted()}`, recordedPosition)) {
      run(sourceTablet, "update customer set email = concat(email, ' ') where customer_id = 1");
    }
    run(sourceTablet, "update customer set email = trim(email) where customer_id = 1");
    run(targetTablet, recordedSchema());
    const manager = zone1.manager(targetTablet);
    const exec = async (query: string) => {
      const answer = await manager.VReplicationExec({ query });
      return records(decodeResult((answer as unknown as { result: Parameters<typeof decodeResult>[0] }).result));
    };
    await createStream(stream, exec);
    if (stream.copying !== undefined) {
      run(
        targetTablet,
        "update _vt.vreplication set state = 'Copying'; " +
          `insert into _vt.copy_state(vrepl_id, table_name) values (${stream.id}, '${stream.copying}')`,
      );
    }
    if (stream.vdiffs === "as the recording shows them") loadVDiffs((sql) => run(targetTablet, sql));
    if (stream.vdiffs === "recordedVDiff") {
      await manager.VDiff(recordedVDiff);
      await until(
        async () => rows(targetTablet, "select state from _vt.vdiff").flat()[0],
        (state) => state === "completed",
      );
    }
    return {
      client(record) {
        const { port } = isOfSource(record.name) ? sourceTablet : targetTablet;
        const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
        clients.push(client);
        return client;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function createStream(stream: RecordedStream, exec: (query: string) => Promise<Record<string, string | null>[]>) {
  const insert = recordedInsert(stream);
  for (let earlier = 1; earlier < stream.id; earlier++) {
    await exec(insert);
    await exec("delete from _vt.vreplication where workflow='wf'");
  }
  await exec(insert);
  await exec(startStreams);
  const show = async () => (await exec(showStreams))[0] ?? {};
  await until(show, ({ state, message }) => state === "Running" && message === "");
  // As a VDiff sets it going again.
  if (stream.vdiffs === "as the recording shows them") {
    await exec(`update _vt.vreplication set state='Running', message='', stop_pos='' where id=${stream.id}`);
    await until(show, ({ message }) => message === "");
  }
  if (stream.copying !== undefined) await exec("update _vt.vreplication set state='Stopped' where workflow='wf'");
}

/** The rows that the recorded answers show. */
function loadVDiffs(execute: (sql: string) => unknown): void {
  const recorded = (name: string) => {
    const record = readRecords("22.0.3").find((candidate) => candidate.name === name);
    const { output } = decode("tabletmanagerdata.VDiffResponse", record?.responses[0] ?? Buffer.alloc(0));
    return records(decodeResult(output));
  };
  const literal = (value: string | null | undefined) =>
    value === null || value === undefined ? "null" : sqlString(value);
  let newest = "0";
  for (const row of recorded("vdiff_show_all")) {
    if (Number(row.id) > Number(newest)) newest = row.id ?? "0";
    execute(
      `insert into _vt.vdiff(${Object.keys(row).join(", ")}) values (${Object.values(row).map(literal).join(", ")})`,
    );
  }
  for (const row of recorded("vdiff_show_last")) {
    const values = [
      newest,
      row.table_name,
      row.table_state,
      row.table_rows,
      row.rows_compared,
      row.has_mismatch,
      row.report,
    ];
    execute(
      "insert into _vt.vdiff_table(vdiff_id, table_name, state, table_rows, rows_compared, mismatch, report) " +
        `values (${values.map(literal).join(", ")})`,
    );
  }
}
