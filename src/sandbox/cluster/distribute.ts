import { decode, encode } from "../../wire/proto.js";
import { parseStatement } from "../mysql/parse/statement.js";
import { placementOf } from "../vtgate/sharding/placement.js";
import { splitInsert } from "../vtgate/sharding/split-insert.js";
import { isSharded, type KeyspaceShape } from "./shape.js";

/**
 * Each shard's part of the statements that fill a keyspace: rows of INSERTs go where the VSchema puts them, into every
 * shard for reference tables; everything else runs on every shard. An unsharded keyspace's are passed on unread.
 */
export function distribute(statements: Iterable<string>, keyspace: KeyspaceShape): (shard: string) => Iterable<string> {
  const shards = keyspace.shards.map(({ name }) => name);
  if (!isSharded(shards)) return () => statements;
  const vschema = decode("vschema.Keyspace", encode("vschema.Keyspace", keyspace.vschema));
  const parts = new Map(shards.map((shard) => [shard, [] as string[]]));
  for (const sql of statements) {
    const statement = parseStatement(sql);
    const insert = statement.kind === "dml" && statement.dml.kind === "insert" ? statement.dml : undefined;
    const placement = insert && placementOf(vschema, insert.table.name);
    if (insert === undefined || placement?.kind !== "sharded") {
      for (const part of parts.values()) part.push(sql);
      continue;
    }
    for (const [shard, text] of splitInsert(sql, insert, placement, shards)) parts.get(shard)?.push(text);
  }
  return (shard) => parts.get(shard) ?? [];
}
