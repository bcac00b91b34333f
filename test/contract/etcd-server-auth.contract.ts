import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { accessContract } from "./etcd-server/auth/access.js";
import { streamsContract } from "./etcd-server/auth/streams.js";
import { AuthSuite, type AuthUnderTest } from "./etcd-server/auth/suite.js";
import { tokensContract } from "./etcd-server/auth/tokens.js";
import { usersContract } from "./etcd-server/auth/users.js";

/** Users, roles and permissions, as Vitess's clients and we meet them in an etcd. */
export function authContract(start: () => Promise<AuthUnderTest>): void {
  const suite = new AuthSuite();
  beforeAll(async () => suite.start(await start()));
  afterAll(() => suite.close());

  describe("before it is enabled", () => usersContract(suite));

  describe("once it is enabled", () => {
    beforeAll(async () => {
      await suite.nobody.put("other/k", "v");
      await suite.add("reader", ["Read", "r/", "r0"]);
      await suite.add("writer", ["Write", "w/", "w0"]);
      await suite.add(
        "both",
        ["Readwrite", "b/", "b0"],
        ["Readwrite", "b0", "b1"],
        ["Read", "one"],
        ["Readwrite", "z", "\0"],
      );
      await suite.auth("AuthEnable");
    });
    beforeEach(() => suite.logInRoot());

    accessContract(suite);
    streamsContract(suite);
    tokensContract(suite);
  });
}
