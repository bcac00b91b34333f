import { type Connection, createConnection, type RowDataPacket } from "mysql2/promise";

export interface Comparison {
  table: string;
  /** Rows. */
  source: number;
  target: number;
  equal: boolean;
}

/** A keyspace behind a vtgate on 127.0.0.1. */
interface Side {
  port: number;
  keyspace: string;
}

/** Reads every table of the source keyspace through both vtgates and compares the rows, whatever their order. */
export async function compareTables(from: Side, to: Side, signal: AbortSignal): Promise<Comparison[]> {
  const source = await connect(from);
  try {
    const target = await connect(to);
    try {
      const comparisons: Comparison[] = [];
      for (const table of await tables(source)) {
        signal.throwIfAborted();
        comparisons.push(await compare(table, source, target));
      }
      return comparisons;
    } finally {
      await target.end();
    }
  } finally {
    await source.end();
  }
}

/** Values as the server prints them: nothing is rounded or converted on the way. */
function connect({ port, keyspace }: Side): Promise<Connection> {
  return createConnection({
    host: "127.0.0.1",
    port,
    user: "reader",
    database: keyspace,
    rowsAsArray: true,
    typeCast: (field) => field.buffer()?.toString("hex") ?? null,
  });
}

async function tables(connection: Connection): Promise<string[]> {
  const [rows] = await connection.query<RowDataPacket[][]>("show tables");
  return rows.map((row) => Buffer.from(String(row[0]), "hex").toString("utf8"));
}

async function compare(table: string, source: Connection, target: Connection): Promise<Comparison> {
  const [left, right] = [await rows(source, table), await rows(target, table)];
  const equal = left.length === right.length && left.every((row, i) => row === right[i]);
  return { table, source: left.length, target: right.length, equal };
}

async function rows(connection: Connection, table: string): Promise<string[]> {
  const [found] = await connection.query<RowDataPacket[][]>(`select * from \`${table}\``);
  return found.map((row) => JSON.stringify(row)).sort();
}
