import { describe, expect, it } from "vitest";
import type { Message } from "../../support/raw-etcd.js";
import type { Suite } from "../etcd-server.contract.js";

export function clusterContract(suite: Suite): void {
  describe("Maintenance, Cluster and Auth", () => {
    it("reports a status: a version, and itself as the leader", async () => {
      const status = await suite.raw.call("Maintenance", "Status", {});
      expect(status).toMatchObject({
        version: expect.stringMatching(/^3\.[456]\.\d+$/),
        leader: (status.header as Message).member_id,
        raftTerm: "2",
        raftIndex: expect.stringMatching(/^[1-9]/),
        errors: [],
      });
    });

    it("lists itself as the only member, with the address that clients use", async () => {
      const { header, members } = await suite.raw.call("Cluster", "MemberList", {});
      expect(members).toMatchObject([
        { ID: (header as Message).member_id, clientURLs: [`http://${suite.endpoint}`], isLearner: false },
      ]);
    });

    it("has no alarms", async () => {
      expect((await suite.raw.call("Maintenance", "Alarm", { action: "Get" })).alarms).toEqual([]);
    });

    it("has no users, and says that authentication isn't enabled", async () => {
      expect(await suite.raw.failure("Auth", "Authenticate", { name: "root", password: "x" })).toBe(
        "9 etcdserver: authentication is not enabled",
      );
      expect(await suite.raw.failure("Auth", "AuthEnable", {})).toBe("9 etcdserver: root user does not exist");
      expect((await suite.raw.call("Auth", "UserList", {})).users).toEqual([]);
    });
  });
}
