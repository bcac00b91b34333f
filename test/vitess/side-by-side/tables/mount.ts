/** Mount in all its forms. */
import type { Case, Difference, Table } from "../case.js";
import { secondMount, unmounted } from "../given.js";
import { names } from "../reasons.js";

/** Nothing listens there. */
const nowhere = "--topo_server 127.0.0.1:1 --topo_root /vitess/global";

const required: Difference = {
  in: ["exit", "error", "topology /vitess/global/ExternalClusters/vitess/ext3"],
  because: "`-topo_type`, `-topo_server` and `-topo_root` are required.",
};
const oneOfThree: Difference = { ...required, because: "Only `etcd2`, `zk2` and `consul` are taken" };
const asked: Difference = { ...required, because: "The topology is asked before it is remembered" };
const named: Difference = {
  ...names,
  in: [...names.in, "topology /vitess/global/ExternalClusters/vitess/a"],
};

const cases: Case[] = [
  { line: "Mount --list" },
  { line: "Mount --list", name: "Mount --list, when there is none", given: [unmounted] },
  { line: "Mount --list", name: "Mount --list, of two", given: [secondMount] },
  { line: "Mount --list --type mysql nonsense more" },
  { line: "Mount --type mysql ext3" },
  { line: "Mount --type postgres ext3" },
  { line: "Mount --type Vitess ext3" },
  { line: "Mount" },
  { line: "Mount a b" },
  { line: "Mount --show" },
  { line: "Mount --unmount" },
  { line: "Mount --show ext1" },
  { line: "Mount --show nope" },
  { line: "Mount --show --type mysql ext1" },
  { line: "Mount --show=maybe ext1" },
  { line: "Mount --unmount nope" },
  { line: "Mount --unmount --type mysql ext1" },
  { line: "Mount --list --unmount ext1" },
  { line: "Mount --unmount ext1" },
  { line: "Mount --unmount --show ext1" },
  { line: "Mount --lst" },
  { line: "Mount --topo_type" },
  { line: `Mount --topo_type consul ${nowhere} ext3` },
  { line: `Mount --topo_type zk2 ${nowhere} ext3` },
  { line: `Mount --topo_type etcd2 ${nowhere} ext3`, ours: `Mount --force --topo_type etcd2 ${nowhere} ext3` },
  { line: `Mount --topo_type etcd2 ${nowhere} ext3`, name: "Mount of what doesn't answer", differs: [asked] },
  { line: `Mount --topo_type etcd2 ${nowhere} ext1` },
  { line: "Mount ext3", differs: [required] },
  { line: "Mount --topo_type etcd2 ext3", differs: [required] },
  { line: `Mount --topo_type zookeeper ${nowhere} ext3`, differs: [oneOfThree] },
  { line: `Mount --topo_type consul ${nowhere} a.b`, differs: [named] },
  { line: `Mount --topo_type consul ${nowhere} a/b`, differs: [named] },
];

export const mountTable: Table = { name: "Mount", cases };
