/** Records what real tablets answer, in the format and the state of test/contract/tablet-wire. */
import { Client, credentials } from "@grpc/grpc-js";
import { splitScript } from "../../../src/sandbox/tablet/script.js";
import { serviceDefinition } from "../../../src/wire/proto.js";
import { send } from "../../contract/tablet-wire/exchange.js";
import type { WireRecord } from "../../contract/tablet-wire/records.js";
import { type NamedRequest, requests } from "../../contract/tablet-wire/requests.js";
import {
  currentStream,
  isOfSource,
  recordedData,
  recordedInsert,
  recordedSchema,
  recordedVDiff,
} from "../../contract/tablet-wire/state.js";
import type { VitessLab } from "../lab.js";
import { until } from "../until.js";
import { readable } from "./readable.js";

/** Brings both clusters' `commerce` into the recorded state, numbers of streams and VDiffs included. */
export async function prepare(lab: VitessLab): Promise<void> {
  await lab.clear();
  await lab.mount("ext1");
  const statements = (script: string) => splitScript(script).map(({ sql }) => sql);
  const collation = lab.installation.install.mariadb ? "utf8mb4_general_ci" : "utf8mb4_0900_ai_ci";
  const [source, target] = [lab.primary("source", "commerce"), lab.primary("target", "commerce")];
  await lab.ddl("source", "commerce", statements(recordedSchema(collation)));
  await lab.ddl("target", "commerce", statements(recordedSchema(collation)));
  await lab.sql(source, ...statements(recordedData), "analyze table corder, customer, notes, product");
  for (const table of ["vreplication", "vreplication_log", "vdiff", "vdiff_log"]) {
    await lab.sql(target, `alter table _vt.${table} auto_increment = 1`);
  }
  await lab.with("target", async (_topo, open) => {
    const tablet = await open(target);
    const stream = currentStream({ options: lab.release >= 20 });
    const { insertId } = await tablet.vreplicationExec(recordedInsert(stream));
    if (Number(insertId) !== stream.id) throw new Error(`the stream got the id ${insertId}`);
    await tablet.vreplicationExec(`update _vt.vreplication set state='Running' where id=${stream.id}`);
    await lab.following("commerce");
    const { keyspace = "", workflow = "", action = "", vdiff_uuid: uuid = "", options } = recordedVDiff;
    if (options) await tablet.vdiff({ keyspace, workflow, action, uuid, options });
  });
  const tables = { corder: {}, customer: {}, notes: {}, product: {} };
  await lab.vtctldclient("target", "ApplyVSchema", "--vschema", JSON.stringify({ tables }), "commerce");
  await until("the VDiff is completed", async () => {
    const [found] = await lab.sql(target, "select state from _vt.vdiff");
    return found?.state === "completed";
  });
  await lab.following("commerce");
}

export async function record(lab: VitessLab): Promise<WireRecord[]> {
  const clients = new Map(
    (["source", "target"] as const).map((side) => {
      const { grpcPort } = lab.primary(side, "commerce");
      return [side, new Client(`127.0.0.1:${grpcPort}`, credentials.createInsecure())];
    }),
  );
  const records: WireRecord[] = [];
  try {
    for (const asked of requests) {
      const client = clients.get(isOfSource(asked.name) ? "source" : "target");
      if (client === undefined) continue;
      const { name, method } = asked;
      const request = encoded(asked);
      records.push({ name, method, request, ...(await send(client, method, request)) });
    }
  } finally {
    for (const client of clients.values()) client.close();
  }
  return records;
}

/** A recording's lines: bytes as base64, and for readers the messages as JSON. */
export function toLines(records: readonly WireRecord[]): string {
  const lines = records.map(({ name, method, request, responses, error }) => {
    const definition = definitionOf(method);
    return JSON.stringify({
      name,
      method,
      note: "",
      request: readable(definition?.requestDeserialize(request)) ?? {},
      request_base64: request.toString("base64"),
      responses_base64: responses.map((bytes) => bytes.toString("base64")),
      responses: responses.map((bytes) => readable(definition?.responseDeserialize(bytes)) ?? {}),
      error,
    });
  });
  return `${lines.join("\n")}\n`;
}

function encoded({ method, request }: NamedRequest): Buffer {
  return definitionOf(method)?.requestSerialize(request) ?? Buffer.alloc(0);
}

function definitionOf(path: string) {
  const [, service = "", method = ""] = path.split("/");
  return serviceDefinition(service as Parameters<typeof serviceDefinition>[0])[method];
}
