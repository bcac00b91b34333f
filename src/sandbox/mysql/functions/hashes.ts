import { hash, randomUUID } from "node:crypto";
import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { Engine } from "../engine.js";
import { asBlob, asInt } from "../translate/coerce.js";
import type { Stored } from "../types/datum.js";
import { binaryType, intType, textType } from "../types/sql-type.js";
import { arg, call, define, type Rules, text } from "./rules.js";

const COLLATION = "utf8mb4_0900_ai_ci";

export const hashRules: Rules = {
  md5: define(1, 1, (args) => call("my_md5", [asBlob(arg(args, 0))], textType(32, COLLATION), [])),
  sha1: define(1, 1, (args) => call("my_sha1", [asBlob(arg(args, 0))], textType(40, COLLATION), [])),
  sha: define(1, 1, (args) => call("my_sha1", [asBlob(arg(args, 0))], textType(40, COLLATION), [])),
  sha2: define(2, 2, (args) =>
    call("my_sha2", [asBlob(arg(args, 0)), asInt(arg(args, 1))], textType(128, COLLATION), []),
  ),
  crc32: define(1, 1, (args) => call("my_crc32", [asBlob(arg(args, 0))], { ...intType(10), fieldType: "UINT64" }, [])),
  compress: define(1, 1, (args) => call("my_compress", [asBlob(arg(args, 0))], binaryType(65535), [])),
  uncompress: define(1, 1, (args) => call("my_uncompress", [asBlob(arg(args, 0))], binaryType(65535), [])),
  uuid: define(0, 0, (_args, context) => {
    context.markVolatile();
    return call("my_uuid", [], textType(36, COLLATION), []);
  }),
  uuid_to_bin: define(1, 1, (args) => call("my_uuid_to_bin", [text(args, 0)], binaryType(16), [])),
  bin_to_uuid: define(1, 1, (args) => call("my_bin_to_uuid", [asBlob(arg(args, 0))], textType(36, COLLATION), [])),
};

/** SHA2's lengths; 0 means 256. */
const SHA2: Record<string, string> = {
  "0": "sha256",
  "224": "sha224",
  "256": "sha256",
  "384": "sha384",
  "512": "sha512",
};

export function installHashes(engine: Engine): void {
  const onBytes = (name: string, fn: (bytes: Uint8Array, rest: Stored[]) => Stored): void =>
    engine.scalar(name, ([value, ...rest]) => (value instanceof Uint8Array ? fn(value, rest) : null));
  onBytes("my_md5", (bytes) => hash("md5", bytes, "hex"));
  onBytes("my_sha1", (bytes) => hash("sha1", bytes, "hex"));
  onBytes("my_sha2", (bytes, [length]) => {
    const algorithm = SHA2[String(length)];
    return algorithm ? hash(algorithm, bytes, "hex") : null;
  });
  onBytes("my_crc32", (bytes) => BigInt(crc32(bytes)));
  onBytes("my_compress", (bytes) => {
    if (bytes.length === 0) return Buffer.alloc(0);
    const header = Buffer.alloc(4);
    header.writeUInt32LE(bytes.length);
    return Buffer.concat([header, deflateSync(bytes)]);
  });
  onBytes("my_uncompress", (bytes) => {
    if (bytes.length === 0) return Buffer.alloc(0);
    try {
      return inflateSync(bytes.subarray(4));
    } catch {
      return null;
    }
  });
  engine.scalar("my_uuid", () => randomUUID(), { deterministic: false });
  engine.scalar("my_uuid_to_bin", ([value]) => {
    const digits = value === null ? "" : String(value).replace(/[-{}]/g, "");
    return /^[0-9a-fA-F]{32}$/.test(digits) ? Buffer.from(digits, "hex") : null;
  });
  onBytes("my_bin_to_uuid", (bytes) => {
    const digits = Buffer.from(bytes).toString("hex");
    return digits.length === 32 ? digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") : null;
  });
}
