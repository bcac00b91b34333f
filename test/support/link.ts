import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export type Direction = "requests" | "answers";

/**
 * What goes wrong with a link, for its open connections; until it is healed:
 * - delay: every byte comes later.
 * - stall: nothing passes any more, connections stay.
 * - cut: the connections are reset; new ones are whole.
 * - down: the connections are reset, and new ones too.
 * - half-close: the client is told that nothing more comes; what it sends still passes.
 * - hold: nothing passes for now; when it is healed, all of it does.
 * - lost-answers: requests pass and answers don't; then the connections are reset, and new ones are whole.
 */
export type Fault = "delay" | "stall" | "hold" | "cut" | "down" | "half-close" | "lost-answers";

const DELAY_MS = 300;
const SILENCE_MS = 500;

interface Connection {
  client: Socket;
  upstream: Socket;
  /** Answers of this connection go nowhere any more. */
  deaf: boolean;
}

/** A TCP proxy on 127.0.0.1 in front of a port there. */
export class Link {
  readonly #connections = new Set<Connection>();
  #fault: Fault | undefined;
  readonly #held: (() => void)[] = [];

  private constructor(
    private readonly server: Server,
    /** Of the server behind it. */
    readonly port: number,
    /** Called before bytes pass; a fault that it injects meets them already. */
    private readonly before: (link: Link, direction: Direction) => void,
  ) {
    server.on("connection", (client) => this.#join(client));
  }

  static async to(port: number, before: (link: Link, direction: Direction) => void = () => {}): Promise<Link> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new Link(server, port, before);
  }

  get ownPort(): number {
    return (this.server.address() as AddressInfo).port;
  }

  inject(fault: Fault): void {
    this.#fault = fault === "cut" || fault === "half-close" || fault === "lost-answers" ? undefined : fault;
    if (fault === "cut" || fault === "down") this.#reset();
    if (fault === "half-close") this.#hangUp();
    if (fault === "lost-answers") this.#lose();
  }

  /** New connections are whole. Stalled ones have lost bytes and are reset. */
  heal(): void {
    if (this.#fault === "stall") this.#reset();
    this.#fault = undefined;
    for (const action of this.#held.splice(0)) action();
  }

  async close(): Promise<void> {
    this.#reset();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #reset(): void {
    for (const { client, upstream } of this.#connections) {
      client.resetAndDestroy();
      upstream.destroy();
    }
    this.#connections.clear();
  }

  #hangUp(): void {
    for (const connection of this.#connections) {
      connection.deaf = true;
      connection.client.end();
    }
  }

  #lose(): void {
    const lost = [...this.#connections];
    for (const connection of lost) connection.deaf = true;
    setTimeout(() => {
      for (const { client, upstream } of lost) {
        client.resetAndDestroy();
        upstream.destroy();
      }
    }, SILENCE_MS).unref();
  }

  #join(client: Socket): void {
    if (this.#fault === "down") {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port: this.port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    const connection: Connection = { client, upstream, deaf: false };
    this.#connections.add(connection);
    this.#pass(connection, client, upstream, "requests");
    this.#pass(connection, upstream, client, "answers");
  }

  #pass(connection: Connection, from: Socket, to: Socket, direction: Direction): void {
    const later = (action: () => void) => {
      if (this.#fault === "delay") setTimeout(action, DELAY_MS);
      else if (this.#fault === "hold") this.#held.push(action);
      else action();
    };
    const loses = () => this.#fault === "stall" || (direction === "answers" && connection.deaf);
    from.on("data", (bytes) => {
      this.before(this, direction);
      if (!loses()) later(() => to.writable && to.write(bytes));
    });
    from.on("end", () => later(() => !loses() && to.end()));
    from.on("error", () => to.destroy());
    from.on("close", () => {
      // The other end of a dead network doesn't hear of it.
      if (this.#fault === "stall") return;
      this.#connections.delete(connection);
      // What is still on its way gets there first.
      later(() => to.destroySoon());
    });
  }
}
