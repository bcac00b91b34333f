import type { ShardRecord } from "../../topo/port.js";

/** "3 tables" */
export function count(number: number, thing: string): string {
  return `${number.toLocaleString("en-US")} ${thing}${number === 1 ? "" : "s"}`;
}

/** "commerce has shards -80, 80-" */
export function shardsText(keyspace: string, shards: ShardRecord[]): string {
  return `${keyspace} has shard${shards.length === 1 ? "" : "s"} ${shards.map(({ name }) => name).join(", ")}`;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];

/** "16 KiB", "1.5 GiB" */
export function bytesText(bytes: number): string {
  const exponent = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** exponent;
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ${UNITS[exponent]}`;
}
