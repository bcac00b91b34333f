import { type Position, parsePosition } from "../../wire/position.js";

/** A position that came with a request; Error in Vitess's words when it isn't one (go/mysql/replication/replication_position.go). */
export function decodePosition(text: string): Position {
  const known = text === "" || /^(?:MySQL56|MariaDB|FilePos)\//.test(text);
  if (known) return parsePosition(text);
  const flavor = text.includes("/") ? text.slice(0, text.indexOf("/")) : "";
  throw new Error(`parse error: unknown GTIDSet flavor ${JSON.stringify(flavor)}`);
}
