import type { Context } from "../../context.js";
import { VtmigrateError } from "../../errors.js";
import type { Topo } from "../../topo/port.js";
import { readAdvice } from "../vschema-advice.js";
import type { Subject } from "./prepare.js";

/**
 * What the announced tables still lack in the target's VSchema. Complete is done by then: whatever goes wrong here is a
 * line too.
 */
export async function adviseOn(
  ctx: Context,
  topo: Topo,
  subject: Subject & { tables: string[] },
  sourceAnswers: boolean,
): Promise<string[]> {
  const { name, targets, tables } = subject;
  const sourceName = sourceOf(subject);
  const [target] = targets;
  if (sourceName === undefined || target === undefined || tables.length === 0) return [];
  const { signal } = ctx;
  try {
    const { table_definitions: definitions } = await target.primary.getSchema(tables, { signal });
    const source = sourceAnswers ? await topo.openMount(sourceName.mount).catch(() => undefined) : undefined;
    return await readAdvice({ topo, keyspace: name.keyspace, source, sourceName, tables, definitions });
  } catch (error) {
    ctx.log.warn({ err: error }, "no advice on the VSchema");
    const why = error instanceof VtmigrateError ? error.message : String(error);
    return [`What the VSchema of ${name.keyspace} still lacks could not be found out: ${why}`];
  }
}

function sourceOf({ streams, record }: Subject): { mount: string; keyspace: string } | undefined {
  const [first] = streams;
  if (first === undefined) return record?.source;
  return { mount: first.source.externalCluster, keyspace: first.source.keyspace };
}
