/** GetVSchema, and ApplyVSchema of JSON documents. */
