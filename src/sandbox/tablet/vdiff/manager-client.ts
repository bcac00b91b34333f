/** Another tablet's TabletManager, as far as a VDiff asks it (go/vt/vttablet/grpctmclient). */
import { type Client, makeGenericClientConstructor, type ServiceError, status } from "@grpc/grpc-js";
import type { TabletSecurity } from "../../../net/security.js";
import type { TabletManagerClient } from "../../../wire/generated/tabletmanagerservice/TabletManager.js";
import { type MessageOutput, serviceDefinition } from "../../../wire/proto.js";
import { tabletConnection } from "../../tablet-connection.js";
import { connectionText } from "../connection-text.js";
import { rpcErrorText } from "../errors.js";

const ManagerService = makeGenericClientConstructor(
  serviceDefinition("tabletmanagerservice.TabletManager"),
  "TabletManager",
);

type TableDefinition = MessageOutput<"tabletmanagerdata.TableDefinition">;

/** A tablet, and how this process speaks to tablets. */
interface Peer {
  address: string;
  security: TabletSecurity;
}

/** Waits until the tablet's MySQL has executed `position`. Errors are worded as Go's client does. */
export function waitForPosition(tablet: Peer, position: string, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return call(tablet, signal, (client, done) => {
    const options = { deadline: Date.now() + timeoutMs };
    return client.waitForPosition({ position }, options, (error) => done(error, undefined));
  });
}

/** The tablet's description of one table; undefined when it has none of that name. */
export function tableDefinition(
  tablet: Peer,
  table: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<TableDefinition | undefined> {
  return call(tablet, signal, (client, done) => {
    const options = { deadline: Date.now() + timeoutMs };
    const request = { tables: [table] };
    return client.getSchema(request, options, (error, answer) =>
      done(error, answer?.schema_definition?.table_definitions[0]),
    );
  });
}

async function call<T>(
  { address, security }: Peer,
  signal: AbortSignal,
  start: (client: TabletManagerClient, done: (error: ServiceError | null, value: T) => void) => { cancel(): void },
): Promise<T> {
  const { credentials, options } = tabletConnection(security, "manager");
  const client = new ManagerService(address, credentials, options);
  let cancel = () => {};
  try {
    signal.throwIfAborted();
    return await new Promise<T>((resolve, reject) => {
      const running = start(client as Client as TabletManagerClient, (error, value) =>
        error === null ? resolve(value) : reject(new Error(describe(error))),
      );
      cancel = () => running.cancel();
      signal.addEventListener("abort", cancel, { once: true });
    });
  } finally {
    signal.removeEventListener("abort", cancel);
    client.close();
  }
}

/** What Go's client says itself, it says in other words than grpc-js. */
const ownWords: Partial<Record<status, string>> = {
  [status.DEADLINE_EXCEEDED]: "context deadline exceeded",
  [status.CANCELLED]: "context canceled",
};

function describe({ code, details }: ServiceError): string {
  return rpcErrorText(code, ownWords[code] ?? connectionText(details));
}
