import { expect, it } from "vitest";
import { hideCredentials, hideUserInfo } from "../../src/credentials.js";

it.each([
  ["http://root:pw@etcd:2379,https://b:c@d:1", "***@etcd:2379,***@d:1"],
  ["see http://etcd:2379/a@b", "see http://etcd:2379/a@b"],
  ["user:pw@etcd:2379", "***@etcd:2379"],
  ["http://user:p/w@etcd:1", "***@etcd:1"],
  ["http://user:p@ss@etcd:1 next", "***@etcd:1 next"],
])("hides who is in an address: %s", (text, hidden) => {
  expect(hideUserInfo(text)).toBe(hidden);
});

it.each([
  [
    ["-topo_etcd_password", "pw", "Mount"],
    ["-topo_etcd_password", "***", "Mount"],
  ],
  [
    ["--static_auth_token=a=b", "x"],
    ["--static_auth_token=***", "x"],
  ],
  [["-db-credentials-file=/secret/path"], ["-db-credentials-file=***"]],
  [
    ["Migrate", "-tables", "tokens,secrets"],
    ["Migrate", "-tables", "tokens,secrets"],
  ],
  [
    ["-sql", "password=1"],
    ["-sql", "password=***"],
  ],
])("hides a password's value among the words of %j", (words, hidden) => {
  expect(hideCredentials(words)).toEqual(hidden);
});
