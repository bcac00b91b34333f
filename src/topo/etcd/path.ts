import { posix } from "node:path";

/**
 * Go's path.Join, which etcd2topo applies to every key (go/vt/topo/etcd2topo/file.go): empty elements are
 * left out, duplicate slashes collapse, a trailing slash goes, a leading slash stays and is never added.
 * "/vitess/global" and "vitess/global" are therefore different roots.
 */
export function joinPath(...elements: string[]): string {
  const joined = elements.filter((element) => element !== "").join("/");
  if (joined === "") return "";
  const clean = posix.normalize(joined);
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}

/** What every key below a directory starts with; "" and "/" have no second slash to add. */
export function directoryPrefix(directory: string): string {
  return directory === "" || directory.endsWith("/") ? directory : `${directory}/`;
}

/**
 * etcd's range_end for "every key with this prefix": the prefix with its last byte that can grow grown by
 * one; a zero byte means "to the end of the key space".
 */
export function prefixEnd(prefix: Buffer): Buffer {
  const at = prefix.findLastIndex((byte) => byte < 0xff);
  if (at === -1) return Buffer.from([0]);
  const end = Buffer.from(prefix.subarray(0, at + 1));
  end.writeUInt8(end.readUInt8(at) + 1, at);
  return end;
}
