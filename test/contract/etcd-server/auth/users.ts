import { expect, it } from "vitest";
import { b, plain } from "../../../support/raw-etcd.js";
import { type AuthSuite, EMPTY, outcome } from "./suite.js";

/** Before it is enabled. */
export function usersContract(suite: AuthSuite): void {
  it("nobody can log in, and everybody may do everything", async () => {
    expect(await suite.failure("Authenticate", { name: "root", password: "x" })).toBe(
      "9 etcdserver: authentication is not enabled",
    );
    expect(await outcome(suite.nobody.put("k", "v"))).toBe("ok");
  });

  it("can't be enabled without a root user who has the root role", async () => {
    expect(await suite.failure("AuthEnable")).toBe("9 etcdserver: root user does not exist");
    await suite.auth("UserAdd", { name: "root", password: "root's" });
    expect(await suite.failure("AuthEnable")).toBe("9 etcdserver: root user does not have root role");
    await suite.auth("UserGrantRole", { user: "root", role: "root" });
  });

  it("has users and roles, with etcd's words for what is not there or there already", async () => {
    expect(await suite.failure("UserAdd", { name: "", password: "x" })).toBe(EMPTY);
    expect(await suite.failure("UserAdd", { name: "root", password: "x" })).toBe(
      "9 etcdserver: user name already exists",
    );
    expect(await suite.failure("UserGet", { name: "x" })).toBe("9 etcdserver: user name not found");
    expect(await suite.failure("UserDelete", { name: "x" })).toBe("9 etcdserver: user name not found");
    expect(await suite.failure("UserChangePassword", { name: "x", password: "y" })).toBe(
      "9 etcdserver: user name not found",
    );
    expect(await suite.failure("UserGrantRole", { user: "root", role: "x" })).toBe("9 etcdserver: role name not found");
    expect(await suite.failure("UserRevokeRole", { name: "root", role: "x" })).toBe(
      "9 etcdserver: role is not granted to the user",
    );
    expect(await suite.failure("RoleGet", { role: "x" })).toBe("9 etcdserver: role name not found");
    expect(await suite.failure("RoleDelete", { role: "x" })).toBe("9 etcdserver: role name not found");
    await suite.auth("RoleAdd", { name: "once" });
    expect(await suite.failure("RoleAdd", { name: "once" })).toBe("9 etcdserver: role name already exists");
    const keys = { key: b("k"), range_end: b("") };
    expect(await suite.failure("RoleRevokePermission", { role: "once", ...keys })).toBe(
      "9 etcdserver: permission is not granted to the role",
    );
    expect(await suite.failure("RoleGrantPermission", { name: "x", perm: { permType: "Read", ...keys } })).toBe(
      "9 etcdserver: role name not found",
    );
    await suite.auth("RoleGrantPermission", { name: "once", perm: { permType: "Read", ...keys } });
    await suite.auth("RoleGrantPermission", { name: "once", perm: { permType: "Readwrite", ...keys } });
    expect(plain(await suite.auth("RoleGet", { role: "once" }))).toEqual({
      perm: [{ permType: "Readwrite", key: "k", range_end: "" }],
    });
    await suite.auth("UserGrantRole", { user: "root", role: "once" });
    expect((await suite.auth("UserGet", { name: "root" })).roles).toEqual(["once", "root"]);
    await suite.auth("RoleDelete", { role: "once" });
    expect((await suite.auth("UserGet", { name: "root" })).roles).toEqual(["root"]);
    expect((await suite.auth("RoleList")).roles).toEqual([]);
    expect((await suite.auth("UserList")).users).toEqual(["root"]);
  });
}
