/**
 * SQLite in WebAssembly (@sqlite.org/sqlite-wasm), reduced to what the sandbox needs: statements whose
 * values cross the border without detours, functions, aggregates and collations written here. The
 * package's own wrappers cut texts at NUL and decode every value; a million rows deserve better.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import sqlite3InitModule from "@sqlite.org/sqlite-wasm";
import { type Compare, collations, comparator } from "./collations.js";
import { Statement } from "./statement.js";
import type { Stored } from "./types/datum.js";

type Pointer = number;
/** The module's exported C functions, by the names of sqlite3.h. */
type Exports = Record<string, (...args: (number | bigint)[]) => number> & {
  sqlite3_value_int64(value: Pointer): bigint;
  sqlite3_column_int64(statement: Pointer, column: number): bigint;
};

const INTEGER = 1;
const FLOAT = 2;
const TEXT = 3;
const BLOB = 4;
const UTF8_DETERMINISTIC = 1 | 0x800;
const UTF8 = 1;
/** SQLite copies the bytes at once. */
const TRANSIENT = -1;
const SHORT = 64;

export class SqliteError extends Error {
  override readonly name = "SqliteError";
}

export interface Aggregate<State> {
  create(): State;
  step(state: State, args: Stored[]): State;
  finish(state: State): Stored;
}

export interface FunctionOptions {
  /** Same arguments, same result: SQLite may call it once for a constant. */
  deterministic?: boolean;
}

/** Types of WebAssembly come with a browser's; this much is needed here. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(code: object, imports: object): Promise<object>;
};

/** What the package's types leave out: Emscripten's options. */
type Init = (options: {
  instantiateWasm(imports: object, receive: (instance: object, code: object) => void): object;
}) => Promise<Sqlite3>;

let compiling: Promise<object> | undefined;

/** Compiled once: left alone, the package reads and compiles a megabyte for every database. */
function compiledCode(): Promise<object> {
  const path = createRequire(import.meta.url).resolve("@sqlite.org/sqlite-wasm/sqlite3.wasm");
  compiling ??= readFile(path).then((bytes) => WebAssembly.compile(bytes));
  return compiling;
}

/** A database that shares the compiled code with all others. */
async function instantiate(): Promise<Sqlite3> {
  const code = await compiledCode();
  return new Promise((resolve, reject) => {
    const init = (sqlite3InitModule as unknown as Init)({
      instantiateWasm(imports, receive) {
        WebAssembly.instantiate(code, imports).then((instance) => receive(instance, code), reject);
        return {};
      },
    });
    init.then(resolve, reject);
  });
}

export class Engine {
  readonly x: Exports;
  private readonly db: { pointer?: Pointer | undefined; close(): void };
  private heap: Buffer;
  private readonly view: () => Uint8Array<ArrayBuffer>;
  private scratch: Pointer;
  private scratchSize = 1 << 16;
  private readonly out: Pointer;
  /** What a JavaScript function threw while SQLite ran: SQLite itself passes on a text only. */
  private thrown: unknown;
  private readonly install: (fn: (...args: number[]) => number | undefined, signature: string) => Pointer;

  static async open(): Promise<Engine> {
    return new Engine(await instantiate());
  }

  private constructor(sqlite3: Sqlite3) {
    this.x = sqlite3.wasm.exports;
    this.db = new sqlite3.oo1.DB(":memory:");
    this.view = () => sqlite3.wasm.heap8u();
    this.heap = Buffer.from(this.view().buffer);
    this.install = (fn, signature) => sqlite3.wasm.installFunction(signature, fn);
    this.scratch = this.allocate(this.scratchSize);
    this.out = this.allocate(8);
    for (const { name } of collations) this.collation(name, comparator(name));
  }

  get pointer(): Pointer {
    const { pointer } = this.db;
    if (pointer === undefined) throw new SqliteError("the database is closed");
    return pointer;
  }

  close(): void {
    this.db.close();
  }

  /** Runs statements that give no rows. */
  exec(sql: string): void {
    const statement = this.prepare(sql);
    try {
      statement.step();
    } finally {
      statement.finalize();
    }
  }

  prepare(sql: string): Statement {
    const length = this.writeScratch(`${sql}\0`);
    const rc = this.call("sqlite3_prepare_v2", this.pointer, this.scratch, length, this.out, 0);
    if (rc !== 0) throw this.failure(`${sql}`);
    return new Statement(this, this.memory.readUInt32LE(this.out));
  }

  /** Rows that the last INSERT, UPDATE or DELETE changed. */
  get changes(): number {
    return this.call("sqlite3_changes", this.pointer);
  }

  call(name: string, ...args: (number | bigint)[]): number {
    const fn = this.x[name];
    if (!fn) throw new SqliteError(`this build of SQLite has no ${name}`);
    return fn(...args);
  }

  /** The heap as it is now; it is replaced when WebAssembly's memory grows. */
  get memory(): Buffer {
    // Growing detaches the old buffer, which is then empty.
    if (this.heap.length === 0) this.heap = Buffer.from(this.view().buffer);
    return this.heap;
  }

  failure(sql?: string): unknown {
    const thrown = this.thrown;
    this.thrown = undefined;
    if (thrown !== undefined) return thrown;
    const at = this.call("sqlite3_errmsg", this.pointer);
    const end = this.memory.indexOf(0, at);
    const message = this.memory.toString("utf8", at, end);
    return new SqliteError(sql === undefined ? message : `${message}: ${sql}`);
  }

  private allocate(size: number): Pointer {
    const pointer = this.call("sqlite3_malloc", size);
    if (pointer === 0) throw new SqliteError("out of memory");
    return pointer;
  }

  private reserve(size: number): void {
    if (size <= this.scratchSize) return;
    this.call("sqlite3_free", this.scratch);
    this.scratchSize = Math.max(size, this.scratchSize * 2);
    this.scratch = this.allocate(this.scratchSize);
  }

  /** Copies into memory that the next call overwrites; returns the number of bytes. */
  private writeScratch(value: string | Uint8Array): number {
    if (typeof value === "string") {
      this.reserve(value.length * 3);
      if (value.length <= SHORT && this.writeAscii(value)) return value.length;
      return this.memory.write(value, this.scratch, "utf8");
    }
    this.reserve(value.length);
    this.memory.set(value, this.scratch);
    return value.length;
  }

  /** For short texts quicker than the way through Buffer; false for other characters than ASCII's. */
  private writeAscii(text: string): boolean {
    const { memory, scratch } = this;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      memory[scratch + i] = code;
    }
    return true;
  }

  bind(statement: Pointer, index: number, value: Stored): void {
    const { x } = this;
    let rc: number | undefined;
    if (value === null) rc = x.sqlite3_bind_null?.(statement, index);
    else if (typeof value === "bigint") rc = x.sqlite3_bind_int64?.(statement, index, value);
    else if (typeof value === "number") rc = x.sqlite3_bind_double?.(statement, index, value);
    else {
      const length = this.writeScratch(value);
      const bind = typeof value === "string" ? x.sqlite3_bind_text : x.sqlite3_bind_blob;
      rc = bind?.(statement, index, this.scratch, length, TRANSIENT);
    }
    if (rc !== 0) throw this.failure();
  }

  private readValue(value: Pointer): Stored {
    const { x } = this;
    switch (x.sqlite3_value_type?.(value)) {
      case INTEGER:
        return x.sqlite3_value_int64(value);
      case FLOAT:
        return x.sqlite3_value_double?.(value) ?? null;
      case TEXT: {
        const at = x.sqlite3_value_text?.(value) ?? 0;
        return this.memory.toString("utf8", at, at + (x.sqlite3_value_bytes?.(value) ?? 0));
      }
      case BLOB: {
        const at = x.sqlite3_value_blob?.(value) ?? 0;
        return Buffer.from(this.memory.subarray(at, at + (x.sqlite3_value_bytes?.(value) ?? 0)));
      }
      default:
        return null;
    }
  }

  private readArguments(count: number, values: Pointer): Stored[] {
    const args: Stored[] = [];
    for (let i = 0; i < count; i++) args.push(this.readValue(this.memory.readUInt32LE(values + 4 * i)));
    return args;
  }

  private result(context: Pointer, value: Stored): void {
    const { x } = this;
    if (value === null) x.sqlite3_result_null?.(context);
    else if (typeof value === "bigint") x.sqlite3_result_int64?.(context, value);
    else if (typeof value === "number") x.sqlite3_result_double?.(context, value);
    else {
      const length = this.writeScratch(value);
      const result = typeof value === "string" ? x.sqlite3_result_text : x.sqlite3_result_blob;
      result?.(context, this.scratch, length, TRANSIENT);
    }
  }

  private guard(context: Pointer, action: () => void): undefined {
    try {
      action();
    } catch (error) {
      this.thrown = error;
      const length = this.writeScratch("x");
      this.call("sqlite3_result_error", context, this.scratch, length);
    }
  }

  private register(name: string, flags: number, xFunc: Pointer, xStep: Pointer, xFinal: Pointer): void {
    const length = this.writeScratch(`${name}\0`);
    if (length === 0) throw new SqliteError("a function needs a name");
    const rc = this.call(
      "sqlite3_create_function_v2",
      this.pointer,
      this.scratch,
      -1,
      flags,
      0,
      xFunc,
      xStep,
      xFinal,
      0,
    );
    if (rc !== 0) throw this.failure();
  }

  /** A scalar function of any number of arguments. */
  scalar(name: string, fn: (args: Stored[]) => Stored, options: FunctionOptions = { deterministic: true }): void {
    const pointer = this.install((context = 0, count = 0, values = 0) => {
      return this.guard(context, () => this.result(context, fn(this.readArguments(count, values))));
    }, "v(pip)");
    this.register(name, options.deterministic ? UTF8_DETERMINISTIC : UTF8, pointer, 0, 0);
  }

  aggregate<State>(name: string, aggregate: Aggregate<State>): void {
    const states = new Map<Pointer, State>();
    const key = (context: Pointer, size: number): Pointer => this.call("sqlite3_aggregate_context", context, size);
    const step = this.install((context = 0, count = 0, values = 0) => {
      return this.guard(context, () => {
        const at = key(context, 8);
        const state = states.get(at) ?? aggregate.create();
        states.set(at, aggregate.step(state, this.readArguments(count, values)));
      });
    }, "v(pip)");
    const finish = this.install((context = 0) => {
      return this.guard(context, () => {
        const at = key(context, 0);
        const state = states.get(at) ?? aggregate.create();
        states.delete(at);
        this.result(context, aggregate.finish(state));
      });
    }, "v(p)");
    this.register(name, UTF8_DETERMINISTIC, 0, step, finish);
  }

  collation(name: string, compare: Compare): void {
    const pointer = this.install((_context = 0, lengthA = 0, a = 0, lengthB = 0, b = 0) => {
      const { memory } = this;
      return compare(memory.subarray(a, a + lengthA), memory.subarray(b, b + lengthB));
    }, "i(pipip)");
    this.writeScratch(`${name}\0`);
    const rc = this.call("sqlite3_create_collation_v2", this.pointer, this.scratch, UTF8, 0, pointer, 0);
    if (rc !== 0) throw this.failure();
  }
}

interface Sqlite3 {
  wasm: {
    exports: Exports;
    heap8u(): Uint8Array<ArrayBuffer>;
    installFunction(signature: string, fn: (...args: number[]) => number | undefined): Pointer;
  };
  oo1: { DB: new (name: string) => { pointer?: Pointer | undefined; close(): void } };
}
