/** Addresses behind which no etcd answers, each in its own way. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export class BadServers {
  private readonly cleanups: (() => unknown)[] = [];

  close(): void {
    for (const cleanup of this.cleanups.splice(0)) cleanup();
  }

  /** A port that was free a moment ago. */
  async refusing(): Promise<string> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return `127.0.0.1:${port}`;
  }

  /**
   * A port whose packets are swallowed: a listener that accepts nothing, with its queue full, is what Linux treats
   * so. Node's own event loop always accepts, therefore a process that is stopped.
   */
  async swallowing(): Promise<string> {
    const listener = `
      const server = require("node:net").createServer();
      server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => console.log(server.address().port));`;
    const child: ChildProcess = spawn(process.execPath, ["-e", listener], { stdio: ["ignore", "pipe", "ignore"] });
    this.cleanups.push(() => child.kill("SIGKILL"));
    const [line] = child.stdout ? await once(child.stdout, "data") : [];
    child.kill("SIGSTOP");
    const port = Number(String(line));
    for (let i = 0; i < 4; i++) {
      const filler = connect(port, "127.0.0.1").on("error", () => undefined);
      this.cleanups.push(() => filler.destroy());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return `127.0.0.1:${port}`;
  }

  /** Accepts, and never says a word. */
  silent(): Promise<string> {
    return this.listen(createServer());
  }

  web(): Promise<string> {
    return this.listen(createHttpServer((_, response) => response.end("hello")));
  }

  /** The beginning of a handshake, as MySQL sends it unasked. */
  mysql(): Promise<string> {
    const greeting = Buffer.from("4a0000000a382e302e33330008000000", "hex");
    return this.listen(createServer((socket) => socket.write(greeting)));
  }

  /** A server of any kind, on a free port; its connections are cut at the end. */
  async listen(server: Server): Promise<string> {
    const sockets = new Set<Socket>();
    server.on("connection", (socket: Socket) => {
      socket.on("error", () => undefined);
      sockets.add(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    this.cleanups.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
}
