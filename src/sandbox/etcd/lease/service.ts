import type { ServerDuplexStream, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Auth } from "../auth/auth.js";
import { type Call, Caller } from "../auth/caller.js";
import { checkLeaseAccess } from "../auth/check-requests.js";
import { EtcdError } from "../errors.js";
import type { Member } from "../header.js";
import type { Int64 } from "../messages.js";
import { grpcStatus, unary } from "../unary.js";
import type { Lessor } from "./lessor.js";

/** etcdserverpb.Lease. */
export function leaseService(lessor: Lessor, auth: Auth, member: Member): UntypedServiceImplementation {
  const known = (call: Call): Caller => {
    const caller = Caller.of(call, auth);
    caller.checkKnown();
    return caller;
  };
  return {
    LeaseGrant: unary(({ ID = "0", TTL = "0" }: { ID?: Int64; TTL?: Int64 }, call) => {
      known(call);
      const { id, ttl } = lessor.grant(ID, Number(TTL));
      return { header: member.header(), ID: id, TTL: ttl };
    }),
    LeaseRevoke: unary(({ ID = "0" }: { ID?: Int64 }, call) => {
      checkLeaseAccess(known(call), lessor, ID, "write");
      lessor.revoke(ID);
      return { header: member.header() };
    }),
    LeaseTimeToLive: unary(({ ID = "0", keys = false }: { ID?: Int64; keys?: boolean }, call) => {
      const caller = known(call);
      if (keys) {
        checkLeaseAccess(caller, lessor, ID, "read");
      }
      const header = member.header();
      const lease = orUndefined(() => lessor.timeToLive(ID));
      if (lease === undefined) {
        return { header, ID, TTL: -1 };
      }
      return { header, ID, TTL: lease.ttl, grantedTTL: lease.grantedTtl, keys: keys ? lease.keys : [] };
    }),
    LeaseLeases: unary((_: object, call) => {
      const caller = known(call);
      for (const ID of lessor.list()) {
        checkLeaseAccess(caller, lessor, ID, "read");
      }
      return { header: member.header(), leases: lessor.list().map((ID) => ({ ID })) };
    }),
    LeaseKeepAlive(stream: ServerDuplexStream<{ ID?: Int64 }, object>) {
      stream.on("data", ({ ID = "0" }) => {
        // The header is from before the renewal, so that no client sees a lease alive at a revision where it was gone.
        const header = member.header();
        try {
          checkLeaseAccess(known(stream), lessor, ID, "write");
        } catch (error) {
          stream.emit("error", grpcStatus(error));
          return;
        }
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
