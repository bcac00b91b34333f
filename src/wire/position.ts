/**
 * Replication positions as Vitess writes them: "MySQL56/<gtid set>", "MariaDB/<domain>-<server>-<sequence>,...",
 * "FilePos/<file>:<offset>" (go/mysql/replication/replication_position.go).
 */
import { inflateSync } from "node:zlib";
import { formatGtidSet, gtidSetContains, gtidSetUnion, parseGtidSet } from "./gtid-set.js";

export interface Position {
  /** "MySQL56", "MariaDB" or "FilePos"; "" together with an empty set: nothing was executed yet. */
  flavor: string;
  /** The text behind the flavor. */
  gtidSet: string;
}

/**
 * Parses a position. `_vt.vreplication.pos` may hold MySQL's COMPRESS() of the text (4 bytes of length,
 * little-endian, then zlib): with --vreplication_store_compressed_gtid. Throws SyntaxError.
 */
export function parsePosition(stored: string | Buffer): Position {
  const text = typeof stored === "string" ? stored : readStored(stored);
  if (text === "") return { flavor: "", gtidSet: "" };
  const slash = text.indexOf("/");
  if (slash < 0) throw new SyntaxError(`"${text}" is not a replication position`);
  return { flavor: text.slice(0, slash), gtidSet: text.slice(slash + 1) };
}

function readStored(stored: Buffer): string {
  if (stored.length === 0 || /^\w+\//.test(stored.toString("latin1", 0, 16))) return stored.toString("utf8");
  try {
    return inflateSync(stored.subarray(4)).toString("utf8");
  } catch (cause) {
    throw new SyntaxError("a stored replication position is neither text nor compressed text", { cause });
  }
}

export function formatPosition({ flavor, gtidSet }: Position): string {
  return flavor === "" ? gtidSet : `${flavor}/${gtidSet}`;
}

/** Is every transaction of `b` in `a`? Both are full position texts; different flavors are a SyntaxError. */
export function positionContains(a: string, b: string): boolean {
  const { flavor, outer, inner } = sameFlavor(a, b);
  if (inner === "") return true;
  if (outer === "") return false;
  switch (flavor) {
    case "MySQL56":
      return gtidSetContains(parseGtidSet(outer), parseGtidSet(inner));
    case "MariaDB": {
      const executed = parseMariadb(outer);
      return [...parseMariadb(inner)].every(([domain, gtid]) => {
        const has = executed.get(domain);
        return has !== undefined && has.sequence >= gtid.sequence;
      });
    }
    default:
      return compareFilePos(outer, inner) >= 0;
  }
}

/** The smallest position that contains both. */
export function positionUnion(a: string, b: string): string {
  const { flavor, outer, inner } = sameFlavor(a, b);
  if (inner === "") return a;
  if (outer === "") return b;
  switch (flavor) {
    case "MySQL56":
      return `MySQL56/${formatGtidSet(gtidSetUnion(parseGtidSet(outer), parseGtidSet(inner)))}`;
    case "MariaDB": {
      const union = parseMariadb(outer);
      for (const [domain, gtid] of parseMariadb(inner)) {
        const has = union.get(domain);
        if (has === undefined || has.sequence < gtid.sequence) union.set(domain, gtid);
      }
      return `MariaDB/${[...union.values()].map((gtid) => gtid.text).join(",")}`;
    }
    default:
      return compareFilePos(outer, inner) >= 0 ? a : b;
  }
}

function sameFlavor(a: string, b: string): { flavor: string; outer: string; inner: string } {
  const first = parsePosition(a);
  const second = parsePosition(b);
  if (first.flavor !== second.flavor && first.flavor !== "" && second.flavor !== "") {
    throw new SyntaxError(`positions of different kinds can't be compared: ${first.flavor} and ${second.flavor}`);
  }
  return { flavor: first.flavor || second.flavor, outer: first.gtidSet, inner: second.gtidSet };
}

interface MariadbGtid {
  sequence: bigint;
  text: string;
}

/** A later transaction of a domain implies the earlier ones (go/mysql/replication/mariadb_gtid.go). */
function parseMariadb(set: string): Map<string, MariadbGtid> {
  return new Map(
    set.split(",").map((text) => {
      const match = /^\s*(\d+)-\d+-(\d+)\s*$/.exec(text);
      if (match === null) throw new SyntaxError(`"${text}" is not a MariaDB GTID`);
      return [match[1] ?? "", { sequence: BigInt(match[2] ?? ""), text: text.trim() }];
    }),
  );
}

function compareFilePos(a: string, b: string): number {
  const [fileA = "", offsetA = "0"] = a.split(":");
  const [fileB = "", offsetB = "0"] = b.split(":");
  if (fileA !== fileB) return fileA < fileB ? -1 : 1;
  return Number(offsetA) - Number(offsetB);
}
