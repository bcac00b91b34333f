import { once } from "node:events";
import { connect, createSecureContext, createServer } from "node:tls";
import { expect, it } from "vitest";
import { Authority } from "../support/certificates.js";

it("makes certificates that Node's TLS takes, and lists that take them back", async () => {
  const authority = await Authority.create("tests");
  const server = await authority.issue({ name: "server" });
  const revoked = await authority.issue({ name: "revoked" });
  const listener = createServer({ ...server }, (socket) => socket.end("hello")).listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  const open = async (crl: string) => {
    const socket = connect({ port, host: "127.0.0.1", secureContext: createSecureContext({ ca: authority.ca, crl }) });
    try {
      await once(socket, "secureConnect");
      return "open";
    } catch (error) {
      return error instanceof Error && "code" in error ? error.code : error;
    } finally {
      socket.destroy();
    }
  };
  expect(await open(await authority.revoke(revoked))).toBe("open");
  expect(await open(await authority.revoke(server))).toBe("CERT_REVOKED");
  listener.close();
});
