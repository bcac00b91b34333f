import type { Connection } from "mysql2";
import { type Answer, done } from "./answer.js";
import { SqlError } from "./errors.js";
import { PreparedStatements } from "./prepared.js";
import { binaryRowPacket } from "./protocol/binary-row.js";
import { PacketReader } from "./protocol/bytes.js";
import {
  columnCountPacket,
  columnPacket,
  eofPacket,
  errorPacket,
  okPacket,
  parameterPacket,
  preparedPacket,
  serverStatus,
  textRowPacket,
} from "./protocol/packets.js";
import type { Session } from "./session.js";

/** Command bytes of MySQL's protocol (include/my_command.h). */
const command = {
  quit: 1,
  initDb: 2,
  query: 3,
  fieldList: 4,
  statistics: 9,
  ping: 14,
  prepare: 22,
  execute: 23,
  sendLongData: 24,
  closeStatement: 25,
  resetStatement: 26,
  setOption: 27,
  resetConnection: 31,
} as const;

/** Serves one client's commands after its handshake, in the order they come. */
export class ClientConnection {
  readonly #connection: Connection;
  readonly #newSession: () => Session;
  #opened: Session | undefined;
  /** The number of the answer's first packet. */
  #sequenceId = 1;
  readonly #prepared = new PreparedStatements();
  #queue: Promise<void> = Promise.resolve();

  constructor(connection: Connection, newSession: () => Session) {
    this.#connection = connection;
    this.#newSession = newSession;
  }

  /** Opened on first use: what the client can do is known only after its side of the handshake. */
  get #session(): Session {
    this.#opened ??= this.#newSession();
    return this.#opened;
  }

  /** `payload` starts with the command byte; it is copied, as its buffer belongs to the socket. */
  receive(payload: Buffer): void {
    const copy = Buffer.from(payload);
    // mysql2 has counted the command's packets. The next command starts at 0, and may come before our answer.
    const sequenceId = this.#connection.sequenceId;
    this.#connection.sequenceId = 0;
    this.#queue = this.#queue.then(async () => {
      this.#sequenceId = sequenceId;
      await this.#serve(copy);
    });
  }

  /** The database named in the handshake. Throws SqlError when there is no such keyspace. */
  useDatabase(name: string): void {
    this.#session.use(name);
  }

  /** Rolls back what is open, after the command that runs. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#opened?.close();
  }

  async #serve(payload: Buffer): Promise<void> {
    try {
      await this.#dispatch(payload[0] ?? 0, payload.subarray(1));
    } catch (error) {
      this.#send([errorPacket(asSqlError(error))]);
    }
  }

  async #dispatch(code: number, body: Buffer): Promise<void> {
    switch (code) {
      case command.quit:
        this.#connection.end();
        return;
      case command.initDb:
        this.#session.use(body.toString("utf8"));
        return this.#answer(done);
      case command.query:
        return this.#answer(await this.#session.execute(body.toString("utf8")));
      case command.ping:
        return this.#answer(done);
      case command.prepare:
        return this.#prepare(body.toString("utf8"));
      case command.execute:
        return this.#answer(await this.#session.execute(this.#prepared.bind(body)), "binary");
      case command.sendLongData:
        return this.#prepared.addLongData(body);
      case command.closeStatement:
        return this.#prepared.close(new PacketReader(body).uint(4));
      case command.resetStatement:
        this.#prepared.reset(new PacketReader(body).uint(4));
        return this.#answer(done);
      case command.setOption:
      case command.fieldList:
        return this.#send([eofPacket(this.#status)]);
      case command.statistics:
        return this.#send([Buffer.from("Uptime: 0")]);
      case command.resetConnection:
        await this.#session.close();
        this.#opened = undefined;
        this.#prepared.clear();
        return this.#answer(done);
      default:
        // A real vtgate's sentence (go/mysql/conn.go).
        throw new SqlError(1047, "08S01", `command handling not implemented yet: ${code}`);
    }
  }

  #prepare(sql: string): void {
    const statement = this.#prepared.prepare(sql);
    const packets = [preparedPacket(statement)];
    if (statement.parameters > 0) {
      for (let i = 0; i < statement.parameters; i += 1) packets.push(parameterPacket());
      packets.push(eofPacket(this.#status));
    }
    this.#send(packets);
  }

  #answer(answer: Answer, form: "text" | "binary" = "text"): void {
    const status = this.#status;
    if (answer.fields.length === 0) {
      this.#send([okPacket({ affectedRows: answer.rowsAffected, insertId: answer.insertId, status })]);
      return;
    }
    this.#send([
      columnCountPacket(answer.fields.length),
      ...answer.fields.map(columnPacket),
      eofPacket(status),
      ...answer.rows.map((row) => (form === "text" ? textRowPacket(row) : binaryRowPacket(answer.fields, row))),
      eofPacket(status),
    ]);
  }

  get #status(): number {
    return (
      (this.#session.autocommit ? serverStatus.autocommit : 0) |
      (this.#session.inTransaction ? serverStatus.inTransaction : 0)
    );
  }

  /** mysql2 frames the payloads: it numbers them, and splits those of 16 MiB and more. */
  #send(payloads: Buffer[]): void {
    const { stream } = this.#connection as unknown as { stream: { cork(): void; uncork(): void } };
    stream.cork();
    this.#connection.sequenceId = this.#sequenceId;
    for (const payload of payloads) this.#connection.writePacket(framed(payload));
    this.#connection.sequenceId = 0;
    stream.uncork();
  }
}

/** What mysql2's writePacket takes: a buffer with four bytes ahead for the header. */
function framed(payload: Buffer): object {
  const buffer = Buffer.concat([Buffer.alloc(4), payload]);
  return {
    buffer,
    length: () => buffer.length,
    writeHeader(sequenceId: number) {
      buffer.writeUIntLE(payload.length, 0, 3);
      buffer[3] = sequenceId;
    },
  };
}

function asSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError) return new SqlError(1835, "HY000", `Malformed communication packet: ${message}`);
  return new SqlError(1105, "HY000", message);
}
