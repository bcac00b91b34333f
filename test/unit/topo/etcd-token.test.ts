import { expect, it } from "vitest";
import { AuthError } from "../../../src/errors.js";
import { Token } from "../../../src/topo/etcd/token.js";

const USER = { username: "migrate", password: "a secret" };

/** What a server answers to each login, in this order; and how often it was asked. */
function tokenOf(answers: (string | Error)[]) {
  const asked: unknown[] = [];
  const token = new Token("etcd at here:2379", USER, async (request) => {
    asked.push(request);
    await new Promise((resolve) => setTimeout(resolve, 5));
    const answer = answers.shift() ?? new Error("asked too often");
    if (answer instanceof Error) throw answer;
    return { token: answer, header: { cluster_id: "1", member_id: "1", revision: "1", raft_term: "1" } };
  });
  return { token, asked };
}

it("logs in once, for all who ask at the same time", async () => {
  const { token, asked } = tokenOf(["first"]);
  await Promise.all([token.ready(), token.ready(), token.ready()]);
  await token.ready();
  expect(token.current).toBe("first");
  expect(asked).toEqual([{ name: "migrate", password: "a secret" }]);
});

it("gets a new token when the one in use is refused; a refusal of an older one comes too late", async () => {
  const { token, asked } = tokenOf(["first", "second"]);
  await token.ready();
  token.discard("first");
  await token.ready();
  expect(token.current).toBe("second");
  token.discard("first");
  await token.ready();
  expect(token.current).toBe("second");
  expect(asked.length).toBe(2);
});

it("tries again after a login that failed", async () => {
  const { token } = tokenOf([new Error("14 UNAVAILABLE: no connection"), "first"]);
  await expect(token.ready()).rejects.toThrow("no connection");
  await token.ready();
  expect(token.current).toBe("first");
});

it("names the user who was refused, and never the password", async () => {
  const details = "etcdserver: authentication failed, invalid user ID or password";
  const { token } = tokenOf([new Error(`3 INVALID_ARGUMENT: ${details}`)]);
  const error = await token.ready().catch((thrown) => thrown);
  expect(error).toBeInstanceOf(AuthError);
  expect(error.message).toBe(
    'etcd at here:2379 refused the user "migrate": there is no such user, or not with this password',
  );
});

it("goes on without one where there are no users, and asks nobody without a user", async () => {
  const off = tokenOf([new Error("9 FAILED_PRECONDITION: etcdserver: authentication is not enabled")]);
  await off.token.ready();
  await off.token.ready();
  expect([off.token.current, off.asked.length]).toEqual([undefined, 1]);
  const nobody = new Token("etcd at here:2379", undefined, () => Promise.reject(new Error("asked")));
  await nobody.ready();
  expect([nobody.isWanted, off.token.isWanted]).toEqual([false, true]);
});
