import { ConflictError, FailedError, NotFoundError } from "../errors.js";
import type { Topo } from "../topo/port.js";
import type { WorkflowName } from "./name.js";

/**
 * What a workflow has done to the target, kept in the target's global topology at
 * `vtmigrate/<keyspace>/<workflow>`: `_vt.vreplication` has no place for it, and it must survive a killed
 * process and another operator's machine. Intentions are written before the deed.
 */
export interface WorkflowRecord {
  format: 1;
  keyspace: string;
  workflow: string;
  source: { mount: string; keyspace: string };
  tables: string[];
  /** The JSON text of `-tables '{...}'`: the entries that the target's VSchema gets for its tables. */
  tableSpec?: string;
  /** The target's shards that have streams; absent when all have. */
  shards?: string[];
  /** Tables that Create made, by shard: what Cancel may drop. */
  createdTables: Record<string, string[]>;
  /** Entries that we added to the target's VSchema: what Cancel may remove. */
  addedVSchemaTables: string[];
  step: RecordStep;
  /** Streams as they were before a VDiff stopped them; put back when it is done. */
  savedStreams?: SavedStream[];
  /** Where Complete has stopped the streams: outlives them until the record goes. */
  cut?: CutPosition[];
}

/** What a stream has brought over when Complete stopped it. */
export interface CutPosition {
  /** The target's shard, its primary's alias, and the stream's id there. */
  shard: string;
  tablet: string;
  id: number;
  /** "ext1.commerce/-80" */
  source: string;
  /** "MySQL56/...", or "" when nothing was copied. */
  position: string;
}

/**
 * "announcing": Complete has verified everything and begun to write the VSchema. "announced": it is written,
 * and it only goes forward.
 */
export type RecordStep = "creating" | "created" | "completing" | "announcing" | "announced" | "cancelling";

export interface SavedStream {
  shard: string;
  id: number;
  state: string;
  message: string;
  stopPos: string | null;
}

const CAS_ATTEMPTS = 5;

/** Its key below the target's global root. */
export function recordPath({ keyspace, workflow }: WorkflowName): string {
  return `vtmigrate/${keyspace}/${workflow}`;
}

export async function readRecord(topo: Topo, keyspace: string, workflow: string): Promise<WorkflowRecord | undefined> {
  const file = await topo.workflowRecord(keyspace, workflow);
  return file === undefined ? undefined : parseRecord(file.contents, recordPath({ keyspace, workflow }));
}

/** Overwrites whatever is there; for Create, which holds the locks. */
export async function writeRecord(topo: Topo, record: WorkflowRecord): Promise<void> {
  const { keyspace, workflow } = record;
  const file = await topo.workflowRecord(keyspace, workflow);
  const contents = `${JSON.stringify(record, undefined, 2)}\n`;
  await topo.saveWorkflowRecord(keyspace, workflow, contents, file?.version);
}

/**
 * Reads, changes and writes with compare-and-swap; repeated when somebody else wrote in between. Undefined
 * when there is no record: workflows made by vtctlclient have none.
 */
export async function updateRecord(
  topo: Topo,
  keyspace: string,
  workflow: string,
  change: (record: WorkflowRecord) => void,
): Promise<WorkflowRecord | undefined> {
  for (let attempt = 1; ; attempt++) {
    const file = await topo.workflowRecord(keyspace, workflow);
    if (file === undefined) return undefined;
    const record = parseRecord(file.contents, recordPath({ keyspace, workflow }));
    change(record);
    const contents = `${JSON.stringify(record, undefined, 2)}\n`;
    try {
      await topo.saveWorkflowRecord(keyspace, workflow, contents, file.version);
      return record;
    } catch (error) {
      if (!(error instanceof ConflictError) || attempt >= CAS_ATTEMPTS) throw error;
    }
  }
}

/** No error when it is gone already. */
export async function deleteRecord(topo: Topo, keyspace: string, workflow: string): Promise<void> {
  try {
    await topo.deleteWorkflowRecord(keyspace, workflow);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
  }
}

/** Workflows whose record says that they read from a mount, as "commerce.wf"; records that can't be read are passed over. */
export async function workflowsOf(topo: Topo, mount: string): Promise<string[]> {
  const files = await topo.global.list("vtmigrate/");
  return files.flatMap(({ path, contents }) => {
    try {
      const { keyspace, workflow, source } = parseRecord(contents.toString("utf8"), path);
      return source.mount === mount ? [`${keyspace}.${workflow}`] : [];
    } catch {
      return [];
    }
  });
}

function parseRecord(text: string, path: string): WorkflowRecord {
  let value: Partial<WorkflowRecord>;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FailedError(`${path} in the target's topology is not the JSON that this tool writes`, { cause });
  }
  if (value.format !== 1) {
    throw new FailedError(`${path} was written by a newer vtmigrate (format ${String(value.format)})`, {
      hint: "Use that version for this workflow.",
    });
  }
  return value as WorkflowRecord;
}
