// A table of any number of rows that is stored nowhere: a row is made from its id. Rows are about 150 bytes on the
// wire, and packets as large as a vttablet's.
import { encode } from "../../../dist/modules/wire/proto.js";
import { encodeRow } from "../../../dist/modules/wire/result.js";
import { countIds } from "./ranges.js";

export const create = `create table events (
  id bigint not null, email varchar(64) not null, kind varchar(16) not null, amount decimal(10,2) not null,
  created datetime not null, note varchar(200), seen tinyint not null, primary key (id))`;

/** Ids have eight digits, so that all rows are encoded alike. */
const FIRST_ID = 10_000_001;
const DIGITS = 8;
const PACKET_BYTES = 250_000;

const fields = [
  ["id", "INT64"],
  ["email", "VARCHAR"],
  ["kind", "VARCHAR"],
  ["amount", "DECIMAL"],
  ["created", "DATETIME"],
  ["note", "VARCHAR"],
  ["seen", "INT8"],
].map(([name, type]) => ({ name, type }));

const ID = "#".repeat(DIGITS);
const NOTE = "?";
const text = "the quick brown fox jumps over the lazy dog, again and again";
const values = [ID, `user${ID}@mail.example.com`, "purchase", "1234.50", "2026-11-22 17:27:13", `${NOTE} ${text}`, "1"];
const row = encode("binlogdata.VStreamResultsResponse", { rows: [encodeRow(values.map((value) => Buffer.from(value)))] });
const ROWS_PER_PACKET = Math.floor(PACKET_BYTES / row.length);
const empty = Buffer.concat(Array.from({ length: ROWS_PER_PACKET }, () => row));
const idsAt = [row.indexOf(ID), row.lastIndexOf(ID)];
const noteAt = row.indexOf(NOTE);

export class GeneratedTable {
  sent = 0;

  /** `changed` are places in the table, from 0, whose rows are unlike those of a table without. */
  constructor(rows, changed = []) {
    this.everything = [FIRST_ID, FIRST_ID + rows - 1];
    this.changed = new Set(changed.map((at) => FIRST_ID + at));
  }

  get rows() {
    return countIds([this.everything]);
  }

  get rowBytes() {
    return row.length;
  }

  /** The answers of a VStreamResults call as bytes. */
  *packets(ranges, gtid) {
    yield encode("binlogdata.VStreamResultsResponse", { gtid, fields });
    for (const [first, last] of ranges) {
      for (let id = first; id <= last; id += ROWS_PER_PACKET) {
        yield this.#packet(id, Math.min(ROWS_PER_PACKET, last - id + 1));
      }
    }
  }

  #packet(first, count) {
    const packet = Buffer.from(empty.subarray(0, count * row.length));
    const digits = Buffer.from(String(first));
    for (let i = 0, at = 0; i < count; i++, at += row.length) {
      for (const place of idsAt) digits.copy(packet, at + place);
      packet[at + noteAt] = this.changed.has(first + i) ? 0x62 : 0x61;
      increment(digits);
    }
    this.sent += count;
    return packet;
  }

  /** As many rows, and the sum of a number of 64 bits for each. */
  checksum(ranges) {
    let high = 0;
    let low = 0;
    for (const [first, last] of ranges) {
      for (let id = first; id <= last; id++) {
        const seed = this.changed.has(id) ? -id : id;
        high += mix(seed);
        low += mix(seed ^ 0x5bd1e995);
      }
    }
    return [countIds(ranges), (BigInt(high) << 32n) + BigInt(low)];
  }
}

/** The next number, as text. */
function increment(digits) {
  for (let i = digits.length - 1; i >= 0; i--) {
    if (digits[i] < 0x39) {
      digits[i]++;
      return;
    }
    digits[i] = 0x30;
  }
}

/** The last step of MurmurHash3: 32 bits that all depend on all of the number. */
function mix(number) {
  let hash = Math.imul(number ^ (number >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
