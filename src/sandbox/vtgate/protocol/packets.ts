import type { Field__Output } from "../../../wire/generated/query/Field.js";
import type { Value } from "../../../wire/result.js";
import { textCharset } from "../answer.js";
import type { SqlError } from "../errors.js";
import { PacketWriter } from "./bytes.js";
import { toMysqlType } from "./types.js";

const binaryCharset = 63;

/** SERVER_STATUS_* bits of OK and EOF packets. */
export const serverStatus = { inTransaction: 1, autocommit: 2 } as const;

export function okPacket(ok: { affectedRows: number; insertId: bigint; status: number }): Buffer {
  return new PacketWriter()
    .uint(0, 1)
    .lengthEncodedInteger(ok.affectedRows)
    .lengthEncodedInteger(ok.insertId)
    .uint(ok.status, 2)
    .uint(0, 2)
    .payload();
}

export function eofPacket(status: number): Buffer {
  return new PacketWriter().uint(0xfe, 1).uint(0, 2).uint(status, 2).payload();
}

export function errorPacket(error: SqlError): Buffer {
  return new PacketWriter().uint(0xff, 1).uint(error.errno, 2).text(`#${error.sqlState}${error.message}`).payload();
}

export function columnCountPacket(count: number): Buffer {
  return new PacketWriter().lengthEncodedInteger(count).payload();
}

/** Protocol::ColumnDefinition41 */
export function columnPacket(field: Field__Output): Buffer {
  const { type, flags, isText } = toMysqlType(field.type);
  return new PacketWriter()
    .lengthEncodedText("def")
    .lengthEncodedText(field.database)
    .lengthEncodedText(field.table)
    .lengthEncodedText(field.org_table)
    .lengthEncodedText(field.name)
    .lengthEncodedText(field.org_name)
    .uint(0x0c, 1)
    .uint(field.charset || (isText ? textCharset : binaryCharset), 2)
    .uint(field.column_length, 4)
    .uint(type, 1)
    .uint(field.flags | flags, 2)
    .uint(field.decimals, 1)
    .uint(0, 2)
    .payload();
}

/** A prepared statement's parameter: MySQL, too, says nothing of its type. */
export function parameterPacket(): Buffer {
  const writer = new PacketWriter().lengthEncodedText("def");
  for (const empty of ["", "", "", "?", ""]) writer.lengthEncodedText(empty);
  return writer
    .uint(0x0c, 1)
    .uint(binaryCharset, 2)
    .uint(0, 4)
    .uint(toMysqlType("VARBINARY").type, 1)
    .uint(128, 2)
    .uint(0, 3)
    .payload();
}

export function textRowPacket(row: readonly Value[]): Buffer {
  const writer = new PacketWriter();
  for (const value of row) {
    if (value === null) writer.uint(0xfb, 1);
    else writer.lengthEncodedBytes(value);
  }
  return writer.payload();
}

export function preparedPacket(statement: { id: number; parameters: number }): Buffer {
  return new PacketWriter()
    .uint(0, 1)
    .uint(statement.id, 4)
    .uint(0, 2) // columns: told with each result, as MySQL does for SHOW
    .uint(statement.parameters, 2)
    .uint(0, 1)
    .uint(0, 2)
    .payload();
}
