/**
 * The recorded requests of real tablets, sent byte by byte to a sandbox tablet of that version which holds the
 * same tables and the same stream; what comes back must be what the real one answered.
 *
 * Left out of the comparison, for every record: times, positions, UUIDs. v11.0.4 and v14.0.5 were recorded over
 * MariaDB 10.11, and the sandbox speaks as MySQL 8: for these two, descriptions of columns are compared by name
 * only, and JSON without its blanks. What is left out of single records stands in `exceptions`.
 */
import type { ServiceError } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ProfileName, profiles } from "../../src/sandbox/tablet/profiles.js";
import { serviceDefinition } from "../../src/wire/proto.js";
import { type Loaded, load } from "./tablet-wire/load.js";
import { type NormaliseOptions, normalise } from "./tablet-wire/normalise.js";
import { readRecords, type WireRecord } from "./tablet-wire/records.js";

const mariadbSchema = "the schema's text is MariaDB's";

/** Records that can't be compared at all, with the reason. */
const excluded: Record<string, Partial<Record<ProfileName, string>>> = {
  get_schema_source_all: { v11: mariadbSchema, v14: mariadbSchema },
  get_schema_target_one: { v11: mariadbSchema, v14: mariadbSchema },
  wait_for_pos_past: {
    v11: "the position is MariaDB's, and the sandbox's positions are MySQL's",
    v14: "the position is MariaDB's, and the sandbox's positions are MySQL's",
  },
  exec_fetch_as_dba_counts: {
    v11: "MariaDB names the columns of information_schema as the query spells them",
    v14: "MariaDB names the columns of information_schema as the query spells them",
  },
  vstream_results_product_target: { v14: "recorded in the middle of a copy: the table was empty" },
};

/** What of single records is left out. */
const exceptions: Record<string, Partial<NormaliseOptions>> = {
  // Numbers of the log's rows; and all rows but the first: real tablets dropped secondary keys and ran VDiffs.
  vrexec_log: { rows: 1, hidden: [0] },
  // The target's statistics were older than its rows.
  get_schema_target_one: { estimates: true },
  // TABLE_ROWS is an estimate; MySQL 9.7 and the sandbox describe a view of information_schema differently.
  exec_fetch_as_dba_counts: { strict: false, hidden: [1] },
  // The real servers had no time zones loaded and answered NULL.
  exec_fetch_as_app: { hidden: [0] },
  // MySQL 9.7 knows that IF(..., 1, 0) can't be NULL.
  vdiff_show_last: { loose: ["has_mismatch"] },
};

let loaded: Loaded;

describe.each(["v22", "v14", "v11"] as const)("a tablet of %s", (version) => {
  const records = readRecords(version);
  const comparable = records.filter(({ name }) => excluded[name]?.[version] === undefined);

  beforeAll(async () => {
    loaded = await load(profiles[version]);
  });
  afterAll(() => loaded.stop());

  it("is held against most of the recording", () => {
    expect(comparable.length).toBeGreaterThanOrEqual(records.length - 5);
  });

  it.each(comparable.map((record) => [record.name, record] as const))("%s", async (_name, record) => {
    const answer = await send(record);
    if (record.name === "unknown_method") {
      // A method that no version has ever had: grpc-js answers before the tablet sees it, in words of its own.
      expect(answer.error?.code).toBe(record.error?.code);
      return;
    }
    const options = { strict: version === "v22", ...exceptions[record.name] };
    const real = normalise(record.method, beginning(record.method, record), options);
    const ours = normalise(record.method, beginning(record.method, answer), options);
    expect(ours).toEqual(real);
  });
});

/** Health streams have no end: the first answer counts. */
function beginning(method: string, { responses, error }: Answer): Answer {
  return method.endsWith("/StreamHealth") ? { responses: responses.slice(0, 1), error: null } : { responses, error };
}

interface Answer {
  responses: Buffer[];
  error: { code: number; details: string } | null;
}

function send(record: WireRecord): Promise<Answer> {
  const [, service = "", method = ""] = record.method.split("/");
  const definition = serviceDefinition(service as Parameters<typeof serviceDefinition>[0])[method];
  const streams = definition?.responseStream === true;
  const endlessly = method === "StreamHealth";
  const client = loaded.client(record);
  const identity = (bytes: Buffer) => bytes;
  const responses: Buffer[] = [];
  return new Promise((resolve) => {
    const end = (error: ServiceError | null) =>
      resolve({ responses, error: error === null ? null : { code: error.code, details: error.details } });
    if (!streams) {
      const options = { deadline: Date.now() + 10_000 };
      client.makeUnaryRequest(record.method, identity, identity, record.request, options, (error, response) => {
        if (response !== undefined) responses.push(response);
        end(error);
      });
      return;
    }
    const call = client.makeServerStreamRequest(record.method, identity, identity, record.request);
    call.on("data", (response: Buffer) => {
      responses.push(response);
      if (!endlessly) return;
      end(null);
      call.cancel();
    });
    call.on("error", end);
    call.on("end", () => end(null));
  });
}
