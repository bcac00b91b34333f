import { hostname, userInfo } from "node:os";
import { expect, test } from "vitest";
import { formatLockContents, parseLockContents } from "../../../src/topo/etcd/lock-contents.js";
import { describeHolder } from "../../../src/topo/lock-holder.js";

test("contents are laid out as Vitess lays them out", () => {
  expect(formatLockContents("completeMigrateWorkflow", new Date("2026-11-22T17:27:18.999Z"))).toBe(`{
  "Action": "completeMigrateWorkflow",
  "HostName": "${hostname()}",
  "UserName": "${userInfo().username}",
  "Time": "2026-11-22T17:27:18Z",
  "Options": {},
  "Status": "Running"
}`);
});

test("v11's contents, without Options, are read too", () => {
  const v11 =
    '{\n  "Action": "vdiff",\n  "HostName": "vm",\n  "UserName": "vt",\n  "Time": "t",\n  "Status": "Running"\n}';
  expect(parseLockContents(v11)).toEqual({
    Action: "vdiff",
    HostName: "vm",
    UserName: "vt",
    Time: "t",
    Status: "Running",
  });
});

test.each(["", "null", "[1]", '"text"', "{", '{"Action": 1}'])("contents %j leave the fields empty", (text) => {
  const contents = parseLockContents(text);
  expect(contents).toEqual({ Action: "", HostName: "", UserName: "", Time: "", Status: "" });
  expect(describeHolder(contents)).toBe('somebody holds it for "unknown" since an unknown time');
});
