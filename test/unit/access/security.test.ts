import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readSecurity } from "../../../src/access/security.js";
import type { References } from "../../../src/access/settings.js";
import { UsageError } from "../../../src/errors.js";
import { Authority } from "../../support/certificates.js";

const folder = mkdtempSync(join(tmpdir(), "vtmigrate-security-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
}

function read(references: References, env: NodeJS.ProcessEnv = {}, password?: string) {
  return readSecurity({ references, password }, "target", env);
}

describe("what a cluster's settings refer to", () => {
  let ca: string;
  let cert: string;
  let key: string;
  let otherKey: string;
  let crl: string;
  beforeAll(async () => {
    const authority = await Authority.create("tests");
    const [own, other] = [await authority.issue({ name: "own" }), await authority.issue({ name: "other" })];
    ca = file("ca.pem", authority.ca);
    cert = file("cert.pem", own.cert);
    key = file("key.pem", own.key);
    otherKey = file("other.pem", other.key);
    crl = file("crl.pem", await authority.revoke(other));
  });

  it("nothing means nothing", async () => {
    expect(await read({})).toEqual({ etcd: {}, tablets: {} });
  });

  it("certificates, keys and lists are read", async () => {
    const security = await read({ topoCa: ca, topoCert: cert, topoKey: key, tabletCa: ca, tabletCrl: crl });
    expect(Object.keys(security.etcd.tls ?? {})).toEqual(["ca", "cert", "key"]);
    expect(Object.keys(security.tablets.query ?? {})).toEqual(["ca", "crl"]);
  });

  it("one set for the tablets serves both services, as one thing", async () => {
    const { tablets } = await read({ managerCa: ca });
    expect(tablets.query).toBe(tablets.manager);
    const both = await read({ managerCa: ca, tabletCa: ca });
    expect(both.tablets.query).not.toBe(both.tablets.manager);
  });

  it("a password comes from the file, whose last line's end is not of it, or from the environment", async () => {
    const topoPasswordFile = file("password", "pass word\n");
    expect((await read({ topoUsername: "me", topoPasswordFile })).etcd.login).toEqual({
      username: "me",
      password: "pass word",
    });
    const named = await read({ topoUsername: "me", topoPasswordEnv: "PW" }, { PW: "from env" });
    expect(named.etcd.login?.password).toBe("from env");
    expect((await read({ topoUsername: "me" }, {}, "given")).etcd.login?.password).toBe("given");
  });

  it("the tablets' user and password stand in Vitess's file", async () => {
    const staticClientCreds = file("creds.json", '{"Username": "me", "Password": "s3cret"}');
    expect((await read({ staticClientCreds })).tablets.login).toEqual({ username: "me", password: "s3cret" });
  });

  it.each<[string, () => Promise<unknown>, string]>([
    [
      "a missing file",
      () => read({ topoCa: "/no/such" }),
      "-topo_etcd_tls_ca: /no/such can't be read: there is no such file",
    ],
    ["a folder", () => read({ topoCa: folder }), "it is a folder"],
    ["a CA that is none", () => read({ topoCa: key }), "-topo_etcd_tls_ca: "],
    [
      "a key that is none",
      () => read({ topoCert: cert, topoKey: ca }),
      "holds no private key without a passphrase in PEM",
    ],
    ["a list that is none", () => read({ tabletCrl: ca }), "-tablet_grpc_crl: "],
    [
      "a certificate without its key",
      () => read({ topoCert: cert }),
      "-topo_etcd_tls_cert is given without -topo_etcd_tls_key",
    ],
    [
      "another certificate's key",
      () => read({ topoCert: cert, topoKey: otherKey }),
      "is not the key of the certificate",
    ],
    ["a user without a password", () => read({ topoUsername: "me" }), "the password of etcd's user me is not given"],
    ["a password without a user", () => read({}, {}, "x"), "without -topo_etcd_username"],
    ["a variable that isn't set", () => read({ topoUsername: "me", topoPasswordEnv: "PW" }), "variable PW is not set"],
    [
      "a password in place of a variable's name",
      () => read({ topoUsername: "me", topoPasswordEnv: "my-s3cret" }),
      "takes the name of an environment variable",
    ],
    [
      "a password that others can read",
      () => read({ topoUsername: "me", topoPasswordFile: file("open", "x", 0o640) }),
      "others than its owner may open it",
    ],
    [
      "creds that others can read",
      () => read({ staticClientCreds: file("open.json", '{"Username":"u","Password":"s3cret"}', 0o644) }),
      "others than its owner may open it",
    ],
    [
      "creds that are none",
      () => read({ staticClientCreds: file("no.json", '{"Password":"s3cret"') }),
      "holds no user and password",
    ],
    ["an empty password", () => read({ topoUsername: "me", topoPasswordFile: file("empty", "\n") }), "is empty"],
  ])("%s is refused", async (_what, attempt, sentence) => {
    const error = await attempt().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(sentence);
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain("s3cret");
  });
});
