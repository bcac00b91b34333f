import { decode, encode, type MessageInput, type MessageOutput } from "../../src/wire/proto.js";

/** A VSchema as it comes back from its bytes: with every default in place. */
export function keyspaceVSchema(input: MessageInput<"vschema.Keyspace">): MessageOutput<"vschema.Keyspace"> {
  return decode("vschema.Keyspace", encode("vschema.Keyspace", input));
}

export function srvVSchema(
  keyspaces: Record<string, MessageInput<"vschema.Keyspace">>,
): MessageOutput<"vschema.SrvVSchema"> {
  return decode("vschema.SrvVSchema", encode("vschema.SrvVSchema", { keyspaces }));
}
