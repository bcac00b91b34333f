import { expect, it, onTestFinished } from "vitest";
import { b, RawEtcd } from "../../../support/raw-etcd.js";
import { AUTH_FAILED, type AuthSuite, DENIED, EMPTY, NO_TOKEN, outcome } from "./suite.js";

/** Who somebody is. */
export function tokensContract(suite: AuthSuite): void {
  it("wants a token with each request, and takes none that it didn't give", async () => {
    const put = { request_put: { key: b("k"), value: b("v") } };
    expect(await outcome(suite.nobody.range("k"))).toBe(EMPTY);
    expect(await outcome(suite.nobody.put("k", "v"))).toBe(EMPTY);
    expect(await outcome(suite.nobody.delete("k"))).toBe(EMPTY);
    expect(await outcome(suite.nobody.txn({ success: [put] }))).toBe(EMPTY);
    expect(await suite.nobody.failure("Auth", "UserList", {})).toBe(EMPTY);
    for (const token of ["nonsense", "abcdefghijklmnop.1"]) {
      const raw = new RawEtcd(suite.server.endpoint, token);
      expect(await outcome(raw.range("k"))).toBe(NO_TOKEN);
      expect(await outcome(raw.put("k", "v"))).toBe(NO_TOKEN);
      raw.close();
    }
  });

  it("takes no wrong password and no unknown user", async () => {
    expect(await suite.nobody.failure("Auth", "Authenticate", { name: "reader", password: "x" })).toBe(AUTH_FAILED);
    expect(await suite.nobody.failure("Auth", "Authenticate", { name: "x", password: "x" })).toBe(AUTH_FAILED);
  });

  it("forgets a user's tokens when he is deleted, and when his password changes", async () => {
    await suite.add("guest", ["Read", "r/", "r0"]);
    const guest = await suite.user("guest");
    expect(await outcome(guest.range("r/a"))).toBe("ok");
    await suite.auth("UserChangePassword", { name: "guest", password: "new" });
    expect(await outcome(guest.range("r/a"))).toBe(NO_TOKEN);
    expect(await suite.nobody.failure("Auth", "Authenticate", { name: "guest", password: "guest's" })).toBe(
      AUTH_FAILED,
    );
    const again = await suite.logIn("guest", "new");
    onTestFinished(() => again.close());
    await suite.auth("UserRevokeRole", { name: "guest", role: "guest" });
    expect(await outcome(again.range("r/a"))).toBe(DENIED);
    await suite.auth("UserDelete", { name: "guest" });
    expect(await outcome(again.range("r/a"))).toBe(NO_TOKEN);
  });

  it("forgets a token that was not used for its time, and counts it anew with each use", async () => {
    const [used, unused] = [await suite.user("reader"), await suite.user("reader")];
    const steps = 10;
    for (let step = 0; step < steps; step++) {
      await new Promise((resolve) => setTimeout(resolve, suite.server.tokenMs / steps));
      expect(await outcome(used.range("r/a"))).toBe("ok");
    }
    expect(await outcome(unused.range("r/a"))).toBe(NO_TOKEN);
  });

  it("can be disabled: then everybody may do everything again, and old tokens are none", async () => {
    const reader = await suite.user("reader");
    await suite.auth("AuthDisable");
    expect(await outcome(suite.nobody.put("x", "v"))).toBe("ok");
    await suite.nobody.call("Auth", "AuthEnable", {});
    expect(await outcome(reader.range("r/a"))).toBe(NO_TOKEN);
  });
}
