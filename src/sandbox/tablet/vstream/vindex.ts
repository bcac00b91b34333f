/**
 * Vindexes as far as in_keyrange() needs them: found in a cell's SrvVSchema, and turned into keyspace ids
 * (go/vt/vttablet/tabletserver/vstreamer/local_vschema.go, go/vt/vtgate/vindexes).
 */
import { createCipheriv, createHash } from "node:crypto";
import { status } from "@grpc/grpc-js";
import type { MessageOutput } from "../../../wire/proto.js";
import type { Value } from "../../../wire/result.js";
import { TabletError } from "../errors.js";

export type SrvVSchema = MessageOutput<"vschema.SrvVSchema">;

/** The keyspace id of a row's vindex columns; null when the value maps to none. */
export type KeyspaceIdOf = (values: Value[]) => Buffer | null;

interface VindexType {
  unique: boolean;
  /** Absent: known to Vitess, but this tablet can't compute it. */
  keyspaceId?: KeyspaceIdOf;
}

const first = (map: (value: Buffer) => Buffer | null): KeyspaceIdOf => {
  return ([value]) => (value === null || value === undefined ? null : map(value));
};

/** Every type that Vitess knows; the place to add further functions. */
const vindexTypes: Record<string, VindexType> = {
  binary: { unique: true, keyspaceId: first((value) => value) },
  binary_md5: { unique: true, keyspaceId: first((value) => createHash("md5").update(value).digest()) },
  hash: { unique: true, keyspaceId: first((value) => nullKeyDes(bigEndian(value))) },
  numeric: { unique: true, keyspaceId: first(bigEndian) },
  reverse_bits: { unique: true, keyspaceId: first((value) => reverseBits(bigEndian(value))) },
  null: { unique: true, keyspaceId: () => Buffer.from([0]) },
  xxhash: { unique: true },
  unicode_loose_md5: { unique: true },
  unicode_loose_xxhash: { unique: true },
  numeric_static_map: { unique: true },
  region_json: { unique: true },
  region_experimental: { unique: true },
  cfc: { unique: true },
  multicol: { unique: true },
  lookup: { unique: false },
  lookup_hash: { unique: false },
  lookup_unique: { unique: true },
  lookup_hash_unique: { unique: true },
  consistent_lookup: { unique: false },
  consistent_lookup_unique: { unique: true },
};

/** Numbers arrive as decimal text. Negative ones wrap as Go's uint64 does. */
function bigEndian(value: Buffer): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, BigInt(value.toString("latin1"))));
  return bytes;
}

/** DES under an all-zero key; triple DES with three equal keys is the same and what OpenSSL 3 still offers. */
function nullKeyDes(block: Buffer): Buffer {
  const cipher = createCipheriv("des-ede3-ecb", Buffer.alloc(24), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
}

function reverseBits(block: Buffer): Buffer {
  const reversed = Buffer.from(block).reverse();
  for (let i = 0; i < reversed.length; i++) {
    let byte = reversed[i] ?? 0;
    let mirrored = 0;
    for (let bit = 0; bit < 8; bit++, byte >>= 1) mirrored = (mirrored << 1) | (byte & 1);
    reversed[i] = mirrored;
  }
  return reversed;
}

/**
 * Resolves in_keyrange's second argument: "keyspace.vindex", or a bare name that is looked for in every keyspace
 * and else taken as a vindex type. `unknownDatabase` words the error, which differs between versions.
 */
export function findVindex(
  vschema: SrvVSchema,
  reference: string,
  unknownDatabase: (keyspace: string) => string,
): KeyspaceIdOf {
  const dot = reference.indexOf(".");
  if (dot >= 0) {
    const keyspace = reference.slice(0, dot);
    const found = vschema.keyspaces[keyspace];
    if (found === undefined) throw new Error(unknownDatabase(keyspace));
    const vindex = found.vindexes[reference.slice(dot + 1)];
    if (vindex === undefined) throw new Error(`vindex ${reference} not found`);
    return keyspaceIdFunction(vindex.type, reference);
  }
  const found = Object.values(vschema.keyspaces).flatMap(({ vindexes }) => vindexes[reference] ?? []);
  if (found.length > 1) throw new TabletError(status.FAILED_PRECONDITION, `ambiguous vindex reference: ${reference}`);
  return keyspaceIdFunction(found[0]?.type ?? reference, reference);
}

/** The vindex of the first column_vindexes entry of a table of this keyspace, with its columns. */
export function tableVindex(
  vschema: SrvVSchema,
  keyspace: string,
  table: string,
): { columns: string[]; keyspaceId: KeyspaceIdOf } {
  const own = vschema.keyspaces[keyspace];
  const vindex = own?.tables[table]?.column_vindexes[0];
  if (own === undefined || vindex === undefined) throw new Error(`table ${table} not found in vschema`);
  const columns = vindex.columns.length > 0 ? vindex.columns : [vindex.column];
  return { columns, keyspaceId: keyspaceIdFunction(own.vindexes[vindex.name]?.type ?? "", vindex.name) };
}

function keyspaceIdFunction(type: string, reference: string): KeyspaceIdOf {
  const known = vindexTypes[type];
  if (known === undefined) throw new Error(`vindexType "${type}" not found`);
  if (!known.unique) throw new Error(`vindex must be Unique to be used for VReplication: ${reference}`);
  const { keyspaceId } = known;
  if (keyspaceId === undefined) throw new Error(`vindex type ${type} is not supported by this tablet`);
  return keyspaceId;
}
