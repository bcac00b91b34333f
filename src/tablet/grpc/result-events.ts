import { FailedError } from "../../errors.js";
import { readRows } from "../../wire/encoded-row.js";
import { readFields } from "../../wire/fields.js";
import { decode, type MessageOutput } from "../../wire/proto.js";
import type { TabletRecord, VStreamResultsEvent } from "../port.js";

const ROWS = 4;

/**
 * What the messages of a VStreamResults call say: the first has the fields and the position, and any may have rows.
 * FailedError for bytes that aren't such a message.
 */
export async function* resultEvents(
  messages: AsyncIterable<Buffer>,
  record: TabletRecord,
): AsyncGenerator<VStreamResultsEvent> {
  let columns: number | undefined;
  for await (const message of messages) {
    if (columns === undefined) {
      const { gtid, fields } = readable(record, () => withoutRows(message));
      columns = fields.length;
      yield { kind: "start", position: gtid, fields };
    }
    const width = columns;
    const rows = readable(record, () => readRows(message, width));
    if (rows.length > 0) yield { kind: "rows", rows };
  }
}

function withoutRows(message: Buffer): MessageOutput<"binlogdata.VStreamResultsResponse"> {
  const others = readFields(message).filter(({ number }) => number !== ROWS);
  return decode("binlogdata.VStreamResultsResponse", Buffer.concat(others.map(({ raw }) => raw)));
}

function readable<T>(record: TabletRecord, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FailedError(`tablet ${record.alias} sent rows that can't be read: ${why}`, { cause: error });
  }
}
