import type { MessageInput } from "../wire/proto.js";

/** The commerce tables in a keyspace that isn't sharded. */
export const announcedCommerce: MessageInput<"vschema.Keyspace"> = {
  tables: { product: {}, customer: {}, corder: {}, kinds: {}, notes: {} },
};

/**
 * The commerce tables over shards: customers and their orders side by side as in Vitess's examples
 * (examples/common/vschema_customer_sharded.json), products in every shard, and a vindex over text.
 */
export const shardedCommerce: MessageInput<"vschema.Keyspace"> = {
  sharded: true,
  vindexes: { hash: { type: "hash" }, binary_md5: { type: "binary_md5" } },
  tables: {
    product: { type: "reference" },
    customer: { column_vindexes: [{ column: "customer_id", name: "hash" }] },
    corder: { column_vindexes: [{ column: "customer_id", name: "hash" }] },
    kinds: { column_vindexes: [{ column: "id", name: "hash" }] },
    notes: { column_vindexes: [{ column: "author", name: "binary_md5" }] },
  },
};
