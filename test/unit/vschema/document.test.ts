import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeVSchema, encodeVSchema, formatVSchema } from "../../../src/vschema/document.js";
import { messages } from "../../../src/vschema/fields.js";
import { readVSchemaJson } from "../../../src/vschema/from-json.js";
import { unknownFields } from "../../../src/vschema/unknown-fields.js";
import { lengthDelimited, mapEntry } from "../../../src/wire/fields.js";
import { recorded } from "../../support/recording.js";

interface TopoRecord {
  key: string;
  message: string;
  value_base64: string;
  decoded: object;
}

const recordings = ["source", "target"].flatMap((side) =>
  ["11.0.4", "14.0.5", "22.0.3"].map((version) => `topo-${side}-v${version}.json`),
);

function vschemas(file: string): TopoRecord[] {
  const text = readFileSync(new URL(`../../fixtures/recordings/${file}`, import.meta.url), "utf8");
  return (JSON.parse(text) as TopoRecord[]).filter((record) => record.message === "vschema.Keyspace");
}

describe("recorded VSchemas", () => {
  it.each(recordings)("%s: JSON and bytes say the same", (file) => {
    const records = vschemas(file);
    expect(records.length).toBeGreaterThan(0);
    for (const { value_base64, decoded } of records) {
      const bytes = Buffer.from(value_base64, "base64");
      const { vschema } = readVSchemaJson(JSON.stringify(decoded), { allowUnknown: false });
      expect(formatVSchema(decodeVSchema(bytes))).toBe(formatVSchema(vschema));
      expect(decodeVSchema(encodeVSchema(vschema))).toEqual(decodeVSchema(bytes));
      // Vitess writes maps in a random order; nothing but the order may differ.
      expect([...encodeVSchema(vschema)].sort()).toEqual([...bytes].sort());
      expect(unknownFields(bytes)).toEqual([]);
    }
  });

  it("prints what GetVSchema printed", () => {
    const { stdout } = recorded("vtctlclient-v22.0.3.txt", "GetVSchema commerce");
    const { vschema } = readVSchemaJson(stdout, { allowUnknown: false });
    expect(`${formatVSchema(decodeVSchema(encodeVSchema(vschema)))}\n`).toBe(stdout);
  });
});

describe("protojson", () => {
  it("prints fields in number order, maps by key, and leaves out defaults", () => {
    const text = JSON.stringify({
      foreignKeyMode: "unspecified",
      tables: {
        b: {
          source: "ks.t",
          columns: [{ name: "c", type: "NULL_TYPE", nullable: false, size: 0, default: "<&>" }],
          type: "reference",
        },
        "9": {},
        "10": { autoIncrement: {} },
      },
      vindexes: {},
      sharded: true,
      multi_tenant_spec: { tenant_id_column_type: "INT64", tenant_id_column_name: "tenant" },
    });
    const { vschema } = readVSchemaJson(text, { allowUnknown: false });
    const stored = decodeVSchema(encodeVSchema(vschema));
    expect(formatVSchema(stored)).toBe(`{
  "sharded": true,
  "tables": {
    "10": {
      "autoIncrement": {}
    },
    "9": {},
    "b": {
      "type": "reference",
      "columns": [
        {
          "name": "c",
          "default": "<&>",
          "nullable": false
        }
      ],
      "source": "ks.t"
    }
  },
  "multiTenantSpec": {
    "tenantIdColumnName": "tenant",
    "tenantIdColumnType": "INT64"
  }
}`);
    expect(formatVSchema({})).toBe("{}");
  });

  it("knows every field of proto/vschema.proto, by its number", () => {
    const proto = readFileSync(new URL("../../../proto/vschema.proto", import.meta.url), "utf8");
    for (const [name, fields] of Object.entries(messages)) {
      const body = new RegExp(`^message ${name} \\{\\n([\\s\\S]*?)^\\}`, "m").exec(proto)?.[1] ?? "";
      const flat = body.replace(/^ {2}enum[\s\S]*?^ {2}\}\n/gm, "");
      const declared = [...flat.matchAll(/(\w+) = (\d+);/g)].map(([, field, number]) => `${field} = ${number}`);
      expect(fields.map((field) => `${field.name} = ${field.number}`)).toEqual(declared);
    }
  });
});

describe("fields of newer versions", () => {
  it("are found at every depth", () => {
    const known = encodeVSchema({ sharded: true, tables: { t: { columns: [{ name: "c" }] } } });
    const table = Buffer.concat([
      lengthDelimited(4, lengthDelimited(77, Buffer.from("x"))),
      lengthDelimited(12, Buffer.from("y")),
    ]);
    const bytes = Buffer.concat([known, mapEntry(3, "u", table), lengthDelimited(99, Buffer.from("z"))]);
    expect(unknownFields(known)).toEqual([]);
    expect(unknownFields(bytes)).toEqual(["tables.u.columns.77", "tables.u.12", "99"]);
  });
});
