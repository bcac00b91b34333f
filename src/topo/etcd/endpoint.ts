import { hideUserInfo } from "../../credentials.js";
import { UsageError } from "../../errors.js";

/** One etcd address of a topology server's list. */
export interface Endpoint {
  /** As written, without a scheme: "localhost:2379", "[::1]:2379". */
  address: string;
  host: string;
  port: number;
  /** "https://" was written in front. */
  secure: boolean;
}

/**
 * The endpoints of a topology server address: comma separated, each "host:port" with an optional http:// or
 * https:// (go/vt/topo/etcd2topo/server.go splits at commas). UsageError when one can't be an address.
 */
export function parseEndpoints(server: string): Endpoint[] {
  const endpoints = server
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(parseEndpoint);
  if (endpoints.length === 0) {
    throw new UsageError("the topology server's address is empty", { hint: 'An address looks like "localhost:2379".' });
  }
  return endpoints;
}

function parseEndpoint(text: string): Endpoint {
  const secure = text.startsWith("https://");
  const address = text.replace(/^https?:\/\//, "").replace(/\/$/, "");
  const match = /^(?:\[([0-9a-fA-F:.%a-z]+)\]|([^:/[\]\s]+)):(\d{1,5})$/.exec(address);
  const port = Number(match?.[3]);
  if (match === null || port < 1 || port > 65_535) {
    throw new UsageError(`"${hideUserInfo(text)}" is not the address of a topology server`, {
      hint: 'An address looks like "localhost:2379"; several are separated by commas.',
    });
  }
  return { address, host: match[1] ?? match[2] ?? "", port, secure };
}
