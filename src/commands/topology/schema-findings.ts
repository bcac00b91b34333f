import { forEachAtOnce } from "../../concurrency.js";
import type { Context } from "../../context.js";
import { UnreachableError } from "../../errors.js";
import { isOperationTable } from "../../migrate/create/tables.js";
import { type NamedSchema, schemaDiffs } from "../../schema/schema-diffs.js";
import type { TabletRecord } from "../../tablet/port.js";
import type { ShardRecord, Topo } from "../../topo/port.js";
import { readVSchema } from "../../topo/read-vschema.js";

export interface SchemaFindings {
  differences: string[];
  /** Tablets that could not be asked. */
  failures: string[];
}

export interface SchemaRequest {
  topo: Topo;
  keyspace: string;
  excludeTables: string[];
  includeViews: boolean;
  skipNoPrimary: boolean;
}

/** Every tablet against the first shard's primary, by shard and alias (go/vt/vtctl/grpcvtctldserver/server.go, v18). */
export async function compareTablets(ctx: Context, request: SchemaRequest): Promise<SchemaFindings> {
  const { topo, keyspace } = request;
  const shards = await topo.shards(keyspace);
  const [reference, ...rest] = shards.filter(hasPrimary);
  const differences = request.skipNoPrimary
    ? []
    : shards.filter((shard) => !hasPrimary(shard)).map((shard) => `no primary in shard ${keyspace}/${shard.name}`);
  if (reference?.primaryAlias === undefined) return { differences, failures: [] };
  const first = await readSchema(ctx, request, await topo.tablet(reference.primaryAlias));
  const tablets = await forEachAtOnce([reference, ...rest], ({ name }) => topo.tabletsOfShard(keyspace, name));
  const others = tablets.flat().filter(({ alias }) => alias !== first.name);
  const answers = await readSchemas(ctx, request, others);
  return {
    differences: [...differences, ...answers.schemas.flatMap((other) => schemaDiffs(first, other, isOperationTable))],
    failures: answers.failures,
  };
}

/** The tables of each shard's primary that the keyspace's VSchema has no entry for. */
export async function compareWithVSchema(ctx: Context, request: SchemaRequest): Promise<SchemaFindings> {
  const { topo, keyspace } = request;
  const entries = new Set(Object.keys((await readVSchema(topo, keyspace))?.tables ?? {}));
  const shards = (await topo.shards(keyspace)).filter(hasPrimary);
  const primaries = await forEachAtOnce(shards, ({ primaryAlias = "" }) => topo.tablet(primaryAlias));
  const { schemas, failures } = await readSchemas(ctx, request, primaries);
  const differences = schemas.flatMap(({ name, tables }) => {
    const shard = primaries.find(({ alias }) => alias === name)?.shard;
    const unknown = tables
      .map((table) => table.name)
      .filter((table) => !entries.has(table) && !isOperationTable(table));
    return unknown.length === 0
      ? []
      : [`${keyspace}/${shard} has tables that are not in the vschema: [${unknown.join(" ")}]`];
  });
  return { differences, failures };
}

function hasPrimary({ primaryAlias }: ShardRecord): boolean {
  return primaryAlias !== undefined;
}

async function readSchemas(
  ctx: Context,
  request: SchemaRequest,
  records: readonly TabletRecord[],
): Promise<{ schemas: NamedSchema[]; failures: string[] }> {
  const answers = await forEachAtOnce(records, async (record) => {
    try {
      return { schema: await readSchema(ctx, request, record) };
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error;
      return { failure: `GetSchema(${record.alias}) failed: ${error.message}` };
    }
  });
  return {
    schemas: answers.flatMap(({ schema }) => schema ?? []),
    failures: answers.flatMap(({ failure }) => failure ?? []),
  };
}

async function readSchema(ctx: Context, request: SchemaRequest, record: TabletRecord): Promise<NamedSchema> {
  const { excludeTables, includeViews } = request;
  const { signal } = ctx;
  const schema = await ctx.tablets().open(record).getSchema([], { excludeTables, includeViews, signal });
  return { name: record.alias, database: schema.database_schema, tables: schema.table_definitions };
}
