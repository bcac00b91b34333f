import { SqlError } from "./errors.js";
import { PacketReader } from "./protocol/bytes.js";
import { type ParameterType, readParameters } from "./protocol/parameters.js";
import { splice } from "./splice.js";
import { placeholders } from "./syntax.js";

interface Prepared {
  sql: string;
  placeholders: { start: number; end: number }[];
  types: ParameterType[];
  longData: Map<number, Buffer>;
}

/** A connection's prepared statements. Values take the place of the question marks as literals. */
export class PreparedStatements {
  readonly #statements = new Map<number, Prepared>();
  #nextId = 1;

  prepare(sql: string): { id: number; parameters: number } {
    const found = placeholders(sql);
    if (found.length > 0xffff) {
      throw new SqlError(1390, "HY000", "Prepared statement contains too many placeholders");
    }
    const id = this.#nextId;
    this.#nextId += 1;
    this.#statements.set(id, { sql, placeholders: found, types: [], longData: new Map() });
    return { id, parameters: found.length };
  }

  /** The statement's text with the values of a COM_STMT_EXECUTE body. */
  bind(body: Buffer): string {
    const reader = new PacketReader(body);
    const statement = this.#get(reader.uint(4));
    reader.take(5); // cursor flags and the iteration count, which is always 1
    const count = statement.placeholders.length;
    const { types, literals } = readParameters(reader.rest(), count, statement.types, statement.longData);
    if (literals.length !== count) throw new SqlError(1210, "HY000", "Incorrect arguments to mysqld_stmt_execute");
    statement.types = types;
    statement.longData.clear();
    return splice(
      statement.sql,
      statement.placeholders.map(({ start, end }, i) => ({ start, end, text: literals[i] ?? "null" })),
    );
  }

  addLongData(body: Buffer): void {
    const reader = new PacketReader(body);
    const { longData } = this.#get(reader.uint(4));
    const parameter = reader.uint(2);
    longData.set(parameter, Buffer.concat([longData.get(parameter) ?? Buffer.alloc(0), reader.rest()]));
  }

  reset(id: number): void {
    this.#get(id).longData.clear();
  }

  close(id: number): void {
    this.#statements.delete(id);
  }

  clear(): void {
    this.#statements.clear();
  }

  #get(id: number): Prepared {
    const statement = this.#statements.get(id);
    if (statement === undefined) {
      throw new SqlError(1243, "HY000", `Unknown prepared statement handler (${id}) given to mysqld_stmt_execute`);
    }
    return statement;
  }
}
