/** Where a topology is. Empty: not said. */
export interface Address {
  server: string;
  root: string;
}

/**
 * Whether an address may be said of a known topology: some of its etcds, and its root, as far as they are said. Etcds are
 * compared as they are written, as "https://" in front makes another one of the same.
 */
export function isOf(known: Address, { server, root }: Address): boolean {
  const etcds = endpoints(known.server);
  return (
    endpoints(server).every((endpoint) => etcds.includes(endpoint)) &&
    (root === "" || withoutSlashes(root) === withoutSlashes(known.root))
  );
}

function endpoints(server: string): string[] {
  return server
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

function withoutSlashes(root: string): string {
  return root.split("/").filter(Boolean).join("/");
}
