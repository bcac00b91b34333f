/** Whatever is typed or stored as text: a value, or a sentence; no crash, no hang. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, it } from "vitest";
import { formatContexts, parseContexts } from "../../src/access/contexts.js";
import { parseCommandLine } from "../../src/cli/parse.js";
import { commands } from "../../src/commands/index.js";
import { globalOptions } from "../../src/create-context.js";
import { shardedCommerce } from "../../src/sandbox/commerce-vschema.js";
import { compareTables } from "../../src/schema/differences.js";
import { readTable } from "../../src/schema/table.js";
import { parseTabletTypes } from "../../src/tablet/types.js";
import { parseEndpoints } from "../../src/topo/etcd/endpoint.js";
import { parseLockContents } from "../../src/topo/etcd/lock-contents.js";
import { applyVSchemaDdl } from "../../src/vschema/ddl.js";
import { decodeVSchema, encodeVSchema, formatVSchema, vschemaToJson } from "../../src/vschema/document.js";
import { readVSchemaJson } from "../../src/vschema/from-json.js";
import { isTableSpec, parseTableSpec } from "../../src/vschema/table-spec.js";
import { validateVSchema } from "../../src/vschema/validate.js";
import { formatBinlogSource, parseBinlogSource } from "../../src/wire/binlog-source.js";
import { formatKeyRange, keyRangesIntersect, parseKeyRange } from "../../src/wire/key-range.js";
import { formatPosition, parsePosition, positionContains } from "../../src/wire/position.js";
import { sqlString } from "../../src/wire/sql.js";
import { parseWorkflowName } from "../../src/workflow/name.js";
import { mutated, survives } from "./inputs.js";

const minutes = { timeout: 1_800_000 };

function createTable(server: string): string {
  return readFileSync(join(import.meta.dirname, `../fixtures/create-table/${server}.sql`), "utf8");
}

describe("command lines", minutes, () => {
  const lines = [
    "-all -source ext1.commerce Create commerce.wf",
    "--tables customer,corder --source=ext1.commerce -wait -wait_timeout 1m30s Create commerce.wf",
    "-type vitess -topo_type etcd2 -topo_server localhost:12379 -topo_root /vitess/global ext1",
    "commerce.wf show last -json",
    "-vschema {} -dry-run -cells zone1 commerce",
    "-v=2 --log_file x -tablet_types in_order:REPLICA,PRIMARY -auto_start=false Cancel a.b",
  ];
  it.each(commands.map(({ name, load }) => [name, load] as const))("%s", async (_, load) => {
    const command = await load();
    const words = mutated(...lines).map((line) => line.split(" "));
    await survives(fc.tuple(words, words), 0.01, ([before, after]) =>
      parseCommandLine({ program: "vtmigrate", globals: globalOptions, command, before, after }),
    );
  });

  it("names and lists in them", async () => {
    await survives(mutated("commerce.wf", "a.b.c"), 0.02, parseWorkflowName);
    await survives(mutated("in_order:REPLICA,PRIMARY", "rdonly"), 0.02, parseTabletTypes);
    await survives(mutated("localhost:2379,https://[::1]:2379", "a:1"), 0.02, parseEndpoints);
  });
});

describe("documents", minutes, () => {
  const vschemas = [
    JSON.stringify(vschemaToJson(shardedCommerce), undefined, 2),
    '{"sharded": true, "vindexes": {"h": {"type": "hash", "params": {"a": "b"}}}, "tables": {"t": {"columnVindexes": [{"column": "id", "name": "h"}], "autoIncrement": {"column": "id", "sequence": "s"}}}}',
    '{"tables": {"t": {}, "s": {"type": "sequence", "pinned": "00"}}}',
  ];

  it("VSchema", async () => {
    const options = fc.boolean();
    await survives(fc.tuple(mutated(...vschemas), options), 0.1, ([text, allowUnknown]) => {
      const { vschema } = readVSchemaJson(text, { allowUnknown });
      formatVSchema(decodeVSchema(encodeVSchema(vschema)));
      validateVSchema(vschema);
    });
  });

  it("the user's contexts", async () => {
    const context = {
      topo_global_server_address: "a:2379",
      topo_etcd_password: "x",
      mounts: { ext1: { topo_server: "b:2379", source_tablet_ca: "ca.pem" } },
    };
    const text = JSON.stringify({ current: "prod", contexts: { prod: context, constructor: context } });
    await survives(mutated(text), 0.03, (changed) => formatContexts(parseContexts(changed, "config.json")));
  });

  it("table specs", async () => {
    const specs = [
      '{"t1": {"columnVindexes": [{"column": "id", "name": "hash"}]}, "t2": {}}',
      '{"customer":{"column_vindexes":[{"columns":["a","b"],"name":"x"}],"type":"reference"}}',
    ];
    await survives(mutated(...specs), 0.08, (text) => (isTableSpec(text) ? parseTableSpec(text) : undefined));
  });

  it("ALTER VSCHEMA", async () => {
    const statements = [
      "alter vschema on commerce.customer add vindex hash(customer_id) using hash with owner=customer, `a b`=1",
      "alter vschema create vindex lk using consistent_lookup with table='x.y', from='a,b', to=c, owner=t",
      "alter vschema on a.b drop vindex c",
      "alter vschema add sequence `s`",
      "alter vschema on t add auto_increment id using seq",
    ];
    await survives(mutated(...statements), 0.1, (sql) => applyVSchemaDdl("commerce", {}, sql));
  });

  it("locks", async () => {
    const lock =
      '{"Action":"MoveTablesCreate","HostName":"h","UserName":"u","Time":"2026-01-01T00:00:00Z","Status":"Running"}';
    await survives(mutated(lock), 0.03, parseLockContents);
  });
});

describe("texts of tablets", minutes, () => {
  it("BinlogSource, which is written again as it was read", async () => {
    const sources = [
      'keyspace:"commerce" shard:"0" filter:{rules:{match:"t" filter:"select * from t where in_keyrange(id, \'hash\', \'-80\')"}} on_ddl:EXEC external_cluster:"ext1"',
      'keyspace: "a" shard: \'-80\' filter: < rules: < match: "\\303\\244\\n" > > stop_after_copy: true source_time_zone: "UTC"',
    ];
    await survives(
      mutated(...sources),
      0.12,
      (text) => parseBinlogSource(formatBinlogSource(parseBinlogSource(text))),
      SyntaxError,
    );
  });

  it("key ranges", async () => {
    const range = mutated("-80", "40-80", "80-", "0", "-", "c0-c0");
    await survives(
      fc.tuple(range, range),
      0.1,
      ([a, b]) => {
        keyRangesIntersect(parseKeyRange(a), parseKeyRange(b));
        formatKeyRange(parseKeyRange(a));
      },
      SyntaxError,
      RangeError,
    );
  });

  it("positions", async () => {
    const position = mutated(
      "MySQL56/3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:8,4e11fa47-71ca-11e1-9e33-c80aa9429562:1-99",
      "MariaDB/0-100-130790,1-5-9",
      "FilePos/vt-0000000100-bin.000003:1345",
    );
    await survives(
      fc.tuple(position, position),
      0.08,
      ([a, b]) => {
        positionContains(formatPosition(parsePosition(a)), formatPosition(parsePosition(b)));
      },
      SyntaxError,
    );
  });

  it("CREATE TABLE", async () => {
    const tables = [
      ...["mysql-8.4", "mariadb-10.11-partitions"].map(createTable),
      "CREATE TABLE `t` (\n  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'it''s, (a) `b`',\n  `e` enum('a','b)') DEFAULT 'a',\n  `g` int GENERATED ALWAYS AS (`id` + 1) VIRTUAL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `u` (`e`(3),`g` DESC),\n  CONSTRAINT `fk` FOREIGN KEY (`g`) REFERENCES `p` (`id`) ON DELETE CASCADE\n) ENGINE=InnoDB AUTO_INCREMENT=5 DEFAULT CHARSET=utf8mb4 /*!50100 PARTITION BY HASH (`id`) PARTITIONS 4 */",
      "CREATE TABLE t(a int)",
    ];
    const table = mutated(...tables);
    await survives(fc.tuple(table, table), 0.08, ([a, b]) => compareTables(readTable(a), readTable(b)));
  });

  it("SQL literals, which end where they should", async () => {
    await survives(mutated("it's", "\\", "a\0b"), 0.04, (text) => {
      const inner = sqlString(text)
        .slice(1, -1)
        .replaceAll(/\\[\s\S]/g, "");
      if (inner.includes("'")) throw new Error(`${sqlString(text)} ends early`);
    });
  });
});
