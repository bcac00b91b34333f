import type { FakeRow, FakeTable } from "./table.js";

/** A transaction: rows put (by key, or appended to a table without one) or removed. */
export interface Change {
  table: string;
  put?: FakeRow;
  remove?: FakeRow;
}

export type Contents = Map<string, FakeRow[]>;

/** A server's history: every state it was in can be looked at. */
export class FakeMysql {
  private readonly history: Contents[] = [new Map()];

  constructor(
    readonly uuid: string,
    readonly tables: FakeTable[],
  ) {}

  get executed(): number {
    return this.history.length - 1;
  }

  position(count = this.executed): string {
    return count === 0 ? "" : `MySQL56/${this.uuid}:1-${count}`;
  }

  at(count: number): Contents {
    const contents = this.history[count];
    if (contents === undefined) throw new Error(`nothing at ${count}`);
    return contents;
  }

  commit(...changes: Change[]): void {
    const next: Contents = new Map([...this.at(this.executed)].map(([name, rows]) => [name, [...rows]]));
    for (const change of changes) this.apply(next, change);
    this.history.push(next);
  }

  private apply(contents: Contents, { table, put, remove }: Change): void {
    const shape = this.tables.find(({ name }) => name === table);
    const row = put ?? remove;
    if (shape === undefined || row === undefined) throw new Error(`no table ${table}`);
    const keyOf = (candidate: FakeRow) => JSON.stringify(keyColumns(shape).map((i) => candidate[i]));
    const rows = contents.get(table) ?? [];
    const at = rows.findIndex((candidate) => keyOf(candidate) === keyOf(row));
    if (at >= 0 && (remove !== undefined || shape.key.length > 0)) rows.splice(at, 1);
    if (put !== undefined) rows.push(put);
    contents.set(table, rows);
  }
}

function keyColumns(table: FakeTable): number[] {
  if (table.key.length === 0) return table.columns.map((_, i) => i);
  return table.key.map((name) => table.columns.findIndex((column) => column.name === name));
}

export function transactionsOf(position: string): number {
  return position === "" ? 0 : Number(/:1-(\d+)$/.exec(position)?.[1]);
}
