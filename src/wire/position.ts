/** Replication positions: "MySQL56/<uuid>:1-5,...", "MariaDB/0-1-5", "FilePos/...". */

export interface Position {
  flavor: string;
  /** The text behind the flavor. */
  gtidSet: string;
}

/** Accepts the text, or MySQL COMPRESS() bytes of it (4-byte little-endian length, zlib), as `pos` may be stored. */
export function parsePosition(_stored: string | Buffer): Position {
  throw new Error("pending");
}

export function formatPosition(_position: Position): string {
  throw new Error("pending");
}

/** Is every transaction of `b` in `a`? Both are full position texts of one flavor. */
export function positionContains(_a: string, _b: string): boolean {
  throw new Error("pending");
}

export function positionUnion(_a: string, _b: string): string {
  throw new Error("pending");
}
