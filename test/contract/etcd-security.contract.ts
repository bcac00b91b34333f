import { afterAll, beforeAll, describe } from "vitest";
import type { EtcdTls } from "../support/real-etcd.js";
import { type SecureEtcd, SecurePlace } from "./etcd-security/place.js";
import { refusalsContract } from "./etcd-security/refusals.js";
import { tokensContract } from "./etcd-security/tokens.js";
import { useContract } from "./etcd-security/use.js";

/** What our client does on an etcd with TLS, client certificates and users. */
export function etcdSecurityContract(start: (tls?: EtcdTls) => Promise<SecureEtcd>): void {
  let current: SecurePlace | undefined;
  beforeAll(async () => {
    current = await SecurePlace.start(start);
  });
  afterAll(() => current?.close());

  const place = (): SecurePlace => {
    if (current === undefined) throw new Error("no server");
    return current;
  };

  useContract(place);
  tokensContract(place);
  describe("is refused", () => refusalsContract(place));
}
