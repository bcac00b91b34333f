import { type Connection, createConnection } from "mysql2/promise";

/** A connection to a tablet's MySQL as its administrator, every value as text; the caller ends it. */
export function connectTo(socketPath: string): Promise<Connection> {
  // Text as it is sent, whatever the type.
  const typeCast = (field: { string(encoding?: string): string | null }) => field.string("utf8");
  return createConnection({ socketPath, user: "vt_dba", charset: "utf8mb4", typeCast });
}
