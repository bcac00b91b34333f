import { createServer } from "node:net";

/** Below the range from which Linux takes the ports of outgoing connections (from 32768 on). */
const FIRST = 15_000;
const LAST = 32_000;

let next = FIRST + Math.floor(Math.random() * (LAST - FIRST));

/** Ports of 127.0.0.1 on which nobody listens now, all different, in every call of this process. */
export async function freePorts(count: number): Promise<number[]> {
  const found: number[] = [];
  for (let tried = 0; found.length < count; tried++) {
    if (tried > LAST - FIRST) throw new Error("no free ports on 127.0.0.1");
    // Taken before it is tried: calls run side by side.
    const port = next;
    next = next >= LAST ? FIRST : next + 1;
    if (await isFree(port)) found.push(port);
  }
  return found;
}

/** Whether nobody listens on a port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
