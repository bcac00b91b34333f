// Two sandbox clusters whose table `events` is generated: a process of its own, so that it is no part of what is
// measured. Takes messages {rows, changed}: how many rows both sides have, and which of the target's are changed.
// Answers each, {} as well, with the clusters' addresses and the number of rows sent since it was told how many there are.
import { clusterShape } from "../../../dist/modules/sandbox/cluster/shape.js";
import { startSandbox } from "../../../dist/modules/sandbox/cluster.js";
import { openSandboxTopo } from "../../../dist/modules/sandbox/topo.js";
import { decode, encode } from "../../../dist/modules/wire/proto.js";
import { encodeResult } from "../../../dist/modules/wire/result.js";
import { standBefore } from "./front.js";
import { idAt, readParts, readSelect } from "./ranges.js";
import { create, GeneratedTable } from "./table.js";

const tables = { source: new GeneratedTable(1), target: new GeneratedTable(1) };
const sandbox = await startSandbox({
  source: clusterShape({ cells: ["zx"], keyspaces: [{ name: "generated" }], firstUid: 1 }),
  target: clusterShape({ cells: ["zone1"], keyspaces: [{ name: "generated" }], firstUid: 1001 }),
  statements: () => [create],
});
for (const side of ["source", "target"]) await generate(sandbox[side], () => tables[side]);

process.on("message", ({ rows, changed }) => {
  if (rows !== undefined) {
    tables.source = new GeneratedTable(rows);
    tables.target = new GeneratedTable(rows, changed);
  }
  const address = ({ etcd, topoRoot }) => ({ etcd, topoRoot });
  process.send({
    source: address(sandbox.source),
    target: address(sandbox.target),
    rowBytes: tables.source.rowBytes,
    sent: tables.source.sent + tables.target.sent,
  });
});
process.on("disconnect", () => process.exit());
process.send("ready");

/** Whoever looks into the topology from now on finds the generated table's tablets. */
async function generate(cluster, table) {
  const topo = openSandboxTopo({ server: cluster.etcd, root: cluster.topoRoot });
  const [{ name }] = cluster.shape.cells;
  const cell = await topo.cell(name);
  for (const tablet of cluster.tablets) {
    const { port } = await standBefore(tablet.port, answers(table));
    await cell.update("topodata.Tablet", `tablets/${tablet.alias}/Tablet`, (record) => ({
      ...record,
      port_map: { ...record.port_map, grpc: port },
    }));
  }
  topo.close();
}

function answers(table) {
  return {
    async GetSchema(_request, ask) {
      const response = await ask("GetSchema", { tables: ["/.*/"] });
      for (const definition of response.schema_definition.table_definitions) {
        if (definition.name !== "events") continue;
        Object.assign(definition, { row_count: table().rows, data_length: table().rows * table().rowBytes });
      }
      return encode("tabletmanagerdata.GetSchemaResponse", response);
    },
    async *VStreamResults(request, ask) {
      const { query } = decode("binlogdata.VStreamResultsRequest", request);
      const { ranges } = readSelect(query, table().everything);
      const { position } = await ask("PrimaryPosition", {});
      yield* table().packets(ranges, position);
    },
    async ExecuteFetchAsApp(request, ask) {
      const { query } = decode("tabletmanagerdata.ExecuteFetchAsAppRequest", request);
      const sql = query.toString();
      if (!sql.includes("events")) {
        const response = await ask("ExecuteFetchAsApp", { query, max_rows: 10_000 });
        return encode("tabletmanagerdata.ExecuteFetchAsAppResponse", response);
      }
      const rows = answer(sql, table()).map((row) => row.map((value) => Buffer.from(String(value))));
      const fields = (rows[0] ?? []).map((_, i) => ({ name: `column ${i}`, type: "DECIMAL" }));
      const result = encodeResult({ fields, rows, rowsAffected: rows.length, insertId: 0n });
      return encode("tabletmanagerdata.ExecuteFetchAsAppResponse", { result });
    },
  };
}

/** The checksums of the parts that a CASE tells apart, or of all; or the key at an offset. */
function answer(sql, table) {
  const { query, ranges } = readSelect(sql, table.everything);
  if (query.orderBy.length === 0) {
    const parts = readParts(query.items[0].expr, ranges, table.everything);
    return parts.map((part, i) => [i, ...table.checksum(part)]);
  }
  const id = idAt(ranges, Number(query.limit?.offset?.text ?? 0));
  return id === undefined ? [] : [[id]];
}
