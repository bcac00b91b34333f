import type { ServerDuplexStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import { EtcdError } from "../errors.js";
import type { Member } from "../header.js";
import type { Int64 } from "../messages.js";
import { unary } from "../unary.js";
import type { Lessor } from "./lessor.js";

/** etcdserverpb.Lease. */
export function leaseService(lessor: Lessor, member: Member): UntypedServiceImplementation {
  return {
    LeaseGrant: unary(({ ID = "0", TTL = "0" }: { ID?: Int64; TTL?: Int64 }) => {
      const { id, ttl } = lessor.grant(ID, Number(TTL));
      return { header: member.header(), ID: id, TTL: ttl };
    }),
    LeaseRevoke: unary(({ ID = "0" }: { ID?: Int64 }) => {
      lessor.revoke(ID);
      return { header: member.header() };
    }),
    LeaseTimeToLive: unary(({ ID = "0", keys = false }: { ID?: Int64; keys?: boolean }) => {
      const header = member.header();
      const lease = orUndefined(() => lessor.timeToLive(ID));
      if (lease === undefined) {
        return { header, ID, TTL: -1 };
      }
      return { header, ID, TTL: lease.ttl, grantedTTL: lease.grantedTtl, keys: keys ? lease.keys : [] };
    }),
    LeaseLeases: unary(() => ({ header: member.header(), leases: lessor.list().map((ID) => ({ ID })) })),
    LeaseKeepAlive(stream: ServerDuplexStream<{ ID?: Int64 }, object>) {
      stream.on("data", ({ ID = "0" }) => {
        // The header is from before the renewal, so that no client sees a lease alive at a revision where it was gone.
        const header = member.header();
        stream.write({ header, ID, TTL: orUndefined(() => lessor.renew(ID)) ?? 0 });
      });
      stream.on("end", () => stream.end());
      // A client that goes away is no failure of the server.
      stream.on("error", () => {});
    },
  };
}

/** Here a lease that doesn't exist is an answer, no error. */
function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof EtcdError) {
      return undefined;
    }
    throw error;
  }
}
