import { connect as connectTcp, isIP, type Socket } from "node:net";
import { checkServerIdentity, connect as connectTls, TLSSocket } from "node:tls";
import { interruption } from "../interruption.js";
import { handshakeFailure } from "./handshake-failure.js";
import { networkFailure, timeUp } from "./network-failure.js";
import type { Tls } from "./security.js";
import { judgeServer } from "./server-certificate.js";
import { badFiles, checkFiles, grpcRoots } from "./tls-files.js";

export interface DialTarget {
  host: string;
  port: number;
}

export interface DialOptions {
  /** For the whole of it. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/** What a server said to an HTTP/2 client that greeted it. */
export type Answer = "http2" | "something else" | "nothing" | "hung up";

/** An HTTP/2 client's first words, with an empty SETTINGS frame (RFC 9113, 3.4). A server answers with its own. */
const PREFACE = Buffer.concat([
  Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const SETTINGS_FRAME = 4;

/** An HTTP/2 server answers at once. */
const ANSWER_MS = 1_000;
const TICK_MS = 100;

/**
 * Opens a connection, greets as an HTTP/2 client does, and closes it again. The greeting is for TLS 1.3: what a server
 * thinks of a client's certificate is heard only after the handshake. DialError; the signal's reason.
 */
export async function greet(target: DialTarget, tls: Tls | undefined, options: DialOptions): Promise<Answer> {
  if (options.signal?.aborted) throw interruption(options.signal, doing(target));
  const socket = open(target, tls);
  // Errors may come after the outcome is known; nobody wants those.
  socket.on("error", () => undefined);
  try {
    return await outcome(socket, target, tls, options);
  } finally {
    socket.destroy();
  }
}

function open({ host, port }: DialTarget, tls: Tls | undefined): Socket {
  // Node gives each of a name's addresses 250 ms by default, which a far away server can need longer than.
  const target = { host, port, autoSelectFamilyAttemptTimeout: 1_000 };
  if (tls === undefined) return connectTcp(target);
  checkFiles(tls);
  const { serverName = host, ...files } = tls;
  try {
    return connectTls({
      ...target,
      ...files,
      ca: files.ca ?? grpcRoots(),
      // SNI is for names only (RFC 6066).
      servername: isIP(serverName) === 0 ? serverName : "",
      checkServerIdentity: (_, certificate) => checkServerIdentity(serverName, certificate),
      // The certificate is judged below, where it can still be read.
      rejectUnauthorized: false,
      ALPNProtocols: ["h2"],
    });
  } catch (error) {
    throw badFiles(error);
  }
}

function outcome(socket: Socket, target: DialTarget, tls: Tls | undefined, options: DialOptions): Promise<Answer> {
  const { timeoutMs, signal } = options;
  let stage: "TCP" | "TLS" | "open" = "TCP";
  let clock: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  const heard = new Promise<Answer>((resolve, reject) => {
    // A process that is kept from running (a library loads, the machine is busy) hears of its timers before its sockets:
    // such a time counts as one tick.
    let ticks = timeoutMs / TICK_MS;
    clock = setInterval(() => {
      if (--ticks > 0) return;
      if (stage === "open") resolve("nothing");
      else reject(timeUp(timeoutMs, stage));
    }, TICK_MS);
    onAbort = () => signal && reject(interruption(signal, doing(target)));
    signal?.addEventListener("abort", onAbort, { once: true });

    socket.once("connect", () => {
      if (tls !== undefined) stage = "TLS";
    });
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      const fault = socket instanceof TLSSocket ? judgeServer(socket, tls?.serverName ?? target.host) : undefined;
      if (fault !== undefined) return reject(fault);
      stage = "open";
      ticks = Math.min(ticks, ANSWER_MS / TICK_MS);
      socket.write(PREFACE);
    });
    socket.once("data", (bytes) => resolve(bytes[3] === SETTINGS_FRAME ? "http2" : "something else"));
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (stage === "TCP") reject(networkFailure(error));
      else if (tls !== undefined && (stage === "TLS" || isAlert(error))) reject(handshakeFailure(error, tls));
      else resolve("hung up");
    });
    // During a handshake an error follows.
    socket.once("end", () => stage !== "TLS" && resolve("hung up"));
    socket.once("close", () => resolve("hung up"));
  });
  return heard.finally(() => {
    clearInterval(clock);
    signal?.removeEventListener("abort", onAbort);
  });
}

/** From the server, by TLS; a connection that is reset is another matter. */
function isAlert(error: NodeJS.ErrnoException): boolean {
  return error.code?.includes("_ALERT_") ?? false;
}

function doing({ host, port }: DialTarget): string {
  return `connecting to ${host}:${port}`;
}
