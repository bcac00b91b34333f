import type { TabletClients, TabletRecord } from "./port.js";

const silent = new WeakMap<TabletClients, Set<string>>();

/** Remembers, as long as these clients are used, that a tablet didn't answer: whoever asks again need not wait as long. */
export function noteSilence(clients: TabletClients, { grpcAddress }: TabletRecord): void {
  const addresses = silent.get(clients) ?? new Set();
  silent.set(clients, addresses.add(grpcAddress));
}

export function wasSilent(clients: TabletClients, { grpcAddress }: TabletRecord): boolean {
  return silent.get(clients)?.has(grpcAddress) ?? false;
}
