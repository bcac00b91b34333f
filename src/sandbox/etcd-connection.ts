import type { IOptions } from "etcd3";
import type { Tls } from "../net/security.js";

type FaultHandling = NonNullable<IOptions["faultHandling"]>;

/** etcd3 repeats writes and hides causes behind a circuit breaker unless it is told not to; it counts on a promise. */
const passThrough = {
  execute: async (call: (context: object) => unknown) => call({}),
} as unknown as NonNullable<FaultHandling["global"]>;

/** What a tablet's or a vtgate's client of `server` ("host:port[,host:port]") is made with. */
export function etcdConnection(server: string, tls: Tls | undefined): IOptions {
  return {
    hosts: server.split(","),
    faultHandling: { host: () => passThrough, global: passThrough },
    grpcOptions: {
      "grpc.enable_http_proxy": 0,
      ...(tls?.serverName && { "grpc.ssl_target_name_override": tls.serverName }),
    },
    ...(tls && { credentials: etcdCredentials(tls) }),
  };
}

function etcdCredentials({ ca, cert, key }: Tls): NonNullable<IOptions["credentials"]> {
  if (ca === undefined) throw new Error("an etcd with TLS needs its CA");
  return { rootCertificate: ca, ...(cert && key && { certChain: cert, privateKey: key }) };
}
