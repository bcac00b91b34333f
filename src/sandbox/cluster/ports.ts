import { createServer } from "node:net";

/** A fixed port that somebody else listens on. */
export class PortTakenError extends Error {
  constructor(
    readonly port: number,
    readonly purpose: string,
  ) {
    super(`port ${port} on 127.0.0.1 is taken; ${purpose} wants it`);
    this.name = "PortTakenError";
  }
}

/** The port itself, after a try that it is free; 0 stays 0. Throws PortTakenError. */
export async function claimPort(port: number, purpose: string): Promise<number> {
  if (port === 0) return 0;
  await new Promise<void>((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      reject(error.code === "EADDRINUSE" ? new PortTakenError(port, purpose) : error);
    });
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve()));
  });
  return port;
}
