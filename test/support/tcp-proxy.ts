import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

type Direction = "requests" | "answers";

/** A TCP connection with faults: it can swallow what goes one way, stand still, or break. */
export class TcpProxy {
  private readonly swallowed = new Set<Direction>();
  private readonly sockets = new Set<Socket>();
  private trigger: Buffer | undefined;

  private constructor(
    private readonly server: Server,
    target: string,
  ) {
    const colon = target.lastIndexOf(":");
    server.on("connection", (client) => {
      const upstream = connect(Number(target.slice(colon + 1)), target.slice(0, colon));
      this.join(client, upstream, "requests");
      this.join(upstream, client, "answers");
    });
  }

  static async start(target: string): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, target);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get endpoint(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** From now on nothing passes this way (both ways: a dead network); connections stay open. */
  swallow(...directions: Direction[]): void {
    for (const direction of directions) this.swallowed.add(direction);
  }

  /** Answers stop from the first request on that holds this text; the request itself passes. */
  swallowAnswersFrom(text: string): void {
    this.trigger = Buffer.from(text);
  }

  get isSwallowing(): boolean {
    return this.swallowed.size > 0;
  }

  /** Swallows for a while, then breaks every connection; new ones are whole again. */
  async swallowAndBreak(direction: Direction, ms: number): Promise<void> {
    this.swallow(direction);
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.break();
  }

  /** Breaks every connection and forgets every fault. */
  break(): void {
    this.swallowed.clear();
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.break();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(from: Socket, to: Socket, direction: Direction): void {
    this.sockets.add(from);
    from.on("data", (bytes) => {
      if (direction === "requests" && this.trigger && bytes.includes(this.trigger)) {
        this.trigger = undefined;
        this.swallow("answers");
      }
      if (!this.swallowed.has(direction)) to.write(bytes);
    });
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.sockets.delete(from);
      to.destroy();
    });
  }
}
