/**
 * Loaded into a process with --import: connections to some of the ports are made to others instead, as a NAT router does
 * it. VTMIGRATE_TEST_ROUTES is JSON, {"2379": 40001}. The process itself, and whatever it reads of addresses, is unchanged.
 */
import { Socket } from "node:net";

const routes = JSON.parse(process.env.VTMIGRATE_TEST_ROUTES ?? "{}");
const { connect } = Socket.prototype;

Socket.prototype.connect = function (...args) {
  // net.connect() hands over one list, [options, callback].
  const list = Array.isArray(args[0]) ? args[0] : args;
  const [options] = list;
  const port = typeof options === "object" ? routes[options?.port] : undefined;
  if (port !== undefined) list[0] = { ...options, port };
  return connect.apply(this, args);
};
