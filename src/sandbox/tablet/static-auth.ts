import { type Metadata, status } from "@grpc/grpc-js";
import type { Login } from "../../net/security.js";
import { TabletError } from "./errors.js";

/** Vitess's static plugin (go/vt/servenv/grpc_server_auth_static.go, v18): TabletError with its codes and texts. */
export function authenticate(users: readonly Login[], metadata: Metadata): void {
  const [username] = metadata.get("username");
  const [password] = metadata.get("password");
  if (username === undefined || password === undefined) {
    throw new TabletError(status.UNAUTHENTICATED, "username and password must be provided");
  }
  if (users.some((user) => user.username === username && user.password === password)) return;
  const caller = JSON.stringify(username);
  throw new TabletError(status.PERMISSION_DENIED, `auth failure: caller ${caller} provided invalid credentials`);
}
