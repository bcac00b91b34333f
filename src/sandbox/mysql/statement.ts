import type { Engine } from "./engine.js";
import type { Stored } from "./types/datum.js";

type Pointer = number;
const INTEGER = 1;
const FLOAT = 2;
const TEXT = 3;
const BLOB = 4;
const ROW = 100;
const DONE = 101;

export class Statement {
  readonly columnCount: number;
  readonly parameterCount: number;

  constructor(
    private readonly engine: Engine,
    readonly pointer: Pointer,
  ) {
    this.columnCount = engine.call("sqlite3_column_count", pointer);
    this.parameterCount = engine.call("sqlite3_bind_parameter_count", pointer);
  }

  /** Parameters from 1. */
  bind(values: readonly Stored[]): this {
    for (let i = 0; i < values.length; i++) this.engine.bind(this.pointer, i + 1, values[i] ?? null);
    return this;
  }

  /** Is there a row? Throws what a function of ours threw, or SqliteError. */
  step(): boolean {
    const rc = this.engine.call("sqlite3_step", this.pointer);
    if (rc === ROW) return true;
    if (rc === DONE) return false;
    const failure = this.engine.failure();
    this.reset();
    throw failure;
  }

  /** Binds, runs to the end, and is ready for the next time. */
  run(values: readonly Stored[] = []): void {
    this.bind(values);
    while (this.step());
    this.reset();
  }

  reset(): void {
    this.engine.call("sqlite3_reset", this.pointer);
  }

  finalize(): void {
    this.engine.call("sqlite3_finalize", this.pointer);
  }

  isNull(column: number): boolean {
    return this.engine.call("sqlite3_column_type", this.pointer, column) === 5;
  }

  /** Text or blob bytes, numbers as their digits; copied. */
  bytes(column: number): Buffer {
    const { x } = this.engine;
    const isBlob = x.sqlite3_column_type?.(this.pointer, column) === BLOB;
    const at = (isBlob ? x.sqlite3_column_blob : x.sqlite3_column_text)?.(this.pointer, column) ?? 0;
    const length = x.sqlite3_column_bytes?.(this.pointer, column) ?? 0;
    return Buffer.from(this.engine.memory.subarray(at, at + length));
  }

  value(column: number): Stored {
    const { x } = this.engine;
    switch (x.sqlite3_column_type?.(this.pointer, column)) {
      case INTEGER:
        return x.sqlite3_column_int64(this.pointer, column);
      case FLOAT:
        return x.sqlite3_column_double?.(this.pointer, column) ?? null;
      case TEXT: {
        const at = x.sqlite3_column_text?.(this.pointer, column) ?? 0;
        return this.engine.memory.toString("utf8", at, at + (x.sqlite3_column_bytes?.(this.pointer, column) ?? 0));
      }
      case BLOB:
        return this.bytes(column);
      default:
        return null;
    }
  }

  values(): Stored[] {
    return Array.from({ length: this.columnCount }, (_, column) => this.value(column));
  }
}
