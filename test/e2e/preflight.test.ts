/** Migrate's checks through the built binary: each passing and failing, what is told of it, and that nothing is changed. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { CheckReport } from "../../src/migrate/preflight/check.js";
import { checkNames } from "../../src/migrate/preflight/names.js";
import type { Session } from "../../src/sandbox/mysql/port.js";
import type { SandboxTablet } from "../../src/sandbox/tablet/tablet.js";
import { openTopo } from "../../src/topo/topo.js";
import { decode, encode } from "../../src/wire/proto.js";
import { BadServers } from "../support/bad-servers.js";
import { type CliResult, connection } from "../support/cli.js";
import { expectFailure } from "../support/failure.js";
import { afterStatement, Lab, sql } from "../support/lab.js";

// A busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

const servers = new BadServers();
let lab: Lab;
let old: Lab;

beforeAll(async () => {
  [lab, old] = await Promise.all([
    Lab.start({ typesHere: true, rows: 30 }),
    Lab.start({ typesHere: true, rows: 5, sourceShards: ["-80", "80-"], sourceProfile: "v14", targetProfile: "v11" }),
  ]);
}, 120_000);

afterAll(async () => {
  servers.close();
  await lab?.close();
  await old?.close();
});

afterEach(() => vi.restoreAllMocks());

const all = "-all -source ext1.commerce";
const replica = () => lab.tablet("source", "zx-0000000002");

interface Preflight extends CliResult {
  checks: CheckReport[];
  of(name: string): CheckReport | undefined;
}

async function preflight(
  flags = all,
  on: { lab?: Lab; name?: string; env?: Record<string, string> } = {},
): Promise<Preflight> {
  const { name = "commerce.wf", env } = on;
  const words = ["Migrate", "-preflight", "-json", ...flags.split(" "), "Create", name];
  const result = await (on.lab ?? lab).type(words, env === undefined ? {} : { env });
  expect(result.stdout, result.stderr).not.toBe("");
  const { checks }: { checks: CheckReport[] } = JSON.parse(result.stdout);
  expect(checks.map((check) => check.name)).toEqual(checkNames);
  return { ...result, checks, of: (wanted) => checks.find((check) => check.name === wanted) };
}

/** The checks with a result, by name. */
const having = ({ checks }: Preflight, result: string) =>
  checks.filter((check) => check.result === result).map(({ name }) => name);

describe("clusters in order", () => {
  it("pass, and nothing is changed", async () => {
    const before = await lab.everything();
    const { code, checks, ...result } = await preflight(`${all} -exclude notes -source_time_zone +00:00 -force`);
    expect({ code, failed: checks.filter(({ result: found }) => found === "failed") }).toEqual({ code: 0, failed: [] });
    expect(having({ code, checks, ...result }, "skipped")).toEqual(["atomic_copy"]);
    const { tried } = checks.find(({ name }) => name === "source_tablets") ?? {};
    expect(tried).toEqual(
      ["zx-0000000001", "zx-0000000002"].map((alias) => ({
        what: `tablet ${alias}`,
        address: `127.0.0.1:${lab.tablet("source", alias).port}`,
        layer: "RPC",
        answered: true,
      })),
    );
    expect(await lab.everything()).toEqual(before);
  });

  it("are told a line a check in 80 columns, with what is worth a thought", async () => {
    const result = await lab.type(`Migrate -preflight ${all} -atomic-copy Create commerce.wf`);
    expect(result.code, result.stderr).toBe(0);
    const lines = result.stdout.trimEnd().split("\n");
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    const heads = lines.filter((line) => /^[a-z]\w+ +(ok|warning|failed|skipped)\b/.test(line));
    expect(heads.map((line) => line.split(" ")[0])).toEqual(checkNames);
    expect(result.stdout).toMatch(/^source_keys +warning +No primary key and no unique key of NOT NULL columns:\n/m);
    expect(result.stdout).toContain("\n    remedy: Give them a primary key before the migration");
    expect(result.stdout).toMatch(/^binlog_format +ok +ROW on/m);
    expect(result.stdout).toMatch(/^copy_size +ok +about \d+ rows, \d+ KiB in 5 tables$/m);
    expect(result.stderr).toMatch(/^customer: about 30 rows, \d+ KiB$/m);
    expect(lines.at(-1)).toBe("19 ok, 1 warning, 0 failed, 1 skipped");
  });

  it("of two old versions and two shards, too: a probe for each source shard, and no atomic copy", async () => {
    const before = await old.everything();
    const result = await preflight(`${all} -atomic-copy`, { lab: old });
    expect(having(result, "failed"), result.stdout).toEqual(["atomic_copy"]);
    expect(result.of("atomic_copy")?.message).toMatch(/^atomic copy takes one snapshot of one source shard, and /);
    expect(result.code).toBe(9);
    expect(result.of("probe_stream")?.message).toBe("the mount and a source tablet are reached (2 probes)");
    expect(result.of("copy_size")?.message).toMatch(/in 5 tables$/);
    expect(await old.everything()).toEqual(before);
  });
});

/** What is wrong, and how it is put back. */
interface Trouble {
  what: string;
  /** The checks that fail, and what they say; all others pass or aren't run. */
  failing: Record<string, RegExp>;
  code: number;
  flags?: string;
  name?: string;
  /** Each returns what undoes it. */
  arrange?: (() => unknown)[];
}

const statement = (side: "source" | "target", wrong: string, right: string) => () => {
  for (const tablet of lab.sandbox[side].tablets) sql(tablet, wrong);
  return () => {
    for (const tablet of lab.sandbox[side].tablets) sql(tablet, right);
  };
};

const onPrimary = (wrong: string[], right: string) => () => {
  sql(lab.primary("target"), ...wrong);
  return () => sql(lab.primary("target"), right);
};

const mounted = (name: string, server: () => Promise<string>) => async () => {
  await lab.topo.createMount(name, { type: "etcd2", server: await server(), root: "/vitess/global" });
  return () => lab.topo.deleteMount(name);
};

/** The replica's record, with another address. */
const moved = (hostname: string, port?: number) => async () => {
  const { etcd: server, topoRoot: root } = lab.sandbox.source;
  const topo = await openTopo({ type: "etcd2", server, root });
  const cell = await topo.cell("zx");
  const path = "tablets/zx-0000000002/Tablet";
  const { contents } = await cell.get(path);
  const record = decode("topodata.Tablet", contents);
  const port_map = port === undefined ? record.port_map : { ...record.port_map, grpc: port };
  await cell.update(path, encode("topodata.Tablet", { ...record, hostname, port_map }), undefined);
  return async () => {
    await cell.update(path, contents, undefined);
    topo.close();
  };
};

const vschema = (text: object) => async () => {
  const { contents, version } = await lab.topo.vschema("commerce");
  const changed = await lab.topo.saveVSchema("commerce", encode("vschema.Keyspace", text), version);
  return () => lab.topo.saveVSchema("commerce", contents, changed);
};

const paused = (tablet: () => SandboxTablet) => () => {
  tablet().pause();
  return () => tablet().resume();
};

const stream =
  "insert into _vt.vreplication (workflow, source, pos, max_tps, max_replication_lag, time_updated, transaction_timestamp, state, db_name, options) " +
  `values ('wf', 'keyspace:"commerce" shard:"0"', '', 1, 1, 1, 0, 'Stopped', 'vt_commerce', '{}')`;

const nothingFound =
  /^target tablets don't find a tablet \(REPLICA\) in cells zx to stream from: 0\/zone1-0000000100 from /;
const unreadable = /^no replica tablet to read from for commerce\/0 in cells zx: /;

const troubles: Trouble[] = [
  {
    what: "nobody listens where the source's topology should be",
    code: 5,
    flags: "-all -source gone.commerce",
    arrange: [mounted("gone", () => servers.refusing())],
    failing: { source_topology: /^mount gone: cannot reach etcd at 127\.0\.0\.1:\d+: connection refused \(TCP\)$/ },
  },
  {
    what: "the mount is the target, which has no cell of the tablets' types there and no tables",
    code: 9,
    flags: "-tables nix -source self.commerce -tablet_types PRIMARY",
    arrange: [mounted("self", async () => lab.sandbox.target.etcd)],
    failing: {
      other_cluster: /which is the target cluster itself$/,
      separate_tablets: /^source and target are the same tablet: /,
      source_tables: /^table\(s\) not found/,
    },
  },
  {
    what: "no such keyspaces",
    code: 9,
    flags: "-all -source ext1.nix",
    name: "nil.wf",
    failing: {
      target_keyspace: /^node doesn't exist: \S+\/keyspaces\/nil\/Keyspace$/,
      source_keyspace: /^node doesn't exist: \S+\/keyspaces\/nix\/Keyspace$/,
    },
  },
  {
    what: "the target's primary hangs",
    code: 5,
    arrange: [paused(() => lab.primary("target"))],
    failing: {
      target_primaries:
        /^tablet zone1-0000000100 at 127\.0\.0\.1:\d+ doesn't answer: no (connection|answer) within 3 s$/,
    },
  },
  {
    what: "the target isn't ready, and the servers write other logs",
    code: 9,
    flags: `${all} -force -source_time_zone Nowhere/Land`,
    arrange: [
      onPrimary([stream], "delete from _vt.vreplication where workflow = 'wf'"),
      onPrimary(
        ["alter table _vt.vreplication modify source varbinary(300) not null"],
        "alter table _vt.vreplication modify source mediumblob not null",
      ),
      onPrimary(
        [
          "create table vt_commerce.product (id int not null, primary key (id))",
          "insert into vt_commerce.product values (1)",
        ],
        "drop table vt_commerce.product",
      ),
      statement("source", "set global binlog_format = 'STATEMENT'", "set global binlog_format = 'ROW'"),
      statement("source", "set global binlog_row_image = 'MINIMAL'", "set global binlog_row_image = 'FULL'"),
      statement("target", "set global binlog_row_image = 'NOBLOB'", "set global binlog_row_image = 'FULL'"),
    ],
    failing: {
      new_workflow: /^workflow already exists$/,
      columns: /^the filters of 5 tables take \d+ bytes, and 0\/zone1-0000000100 stores 300: \d of them fit/,
      target_tables:
        /^tables that are not empty exist in target commerce\/0: product; tables of another structure exist/,
      time_zone: /^unable to perform time_zone conversions from Nowhere\/Land to UTC on 0\/zone1-0000000100$/,
      binlog_format: /^binlog_format is STATEMENT on zx-0000000001, STATEMENT on zx-0000000002, and streams need ROW$/,
      binlog_row_image:
        /^binlog_row_image is MINIMAL on zx-0000000001, .*, NOBLOB on zone1-0000000100, and streams need FULL$/,
    },
  },
  {
    what: "no tablet of the type",
    code: 9,
    flags: `${all} -tablet_types RDONLY`,
    failing: { cells: /^no rdonly tablet in cells zx to copy from: / },
  },
  {
    what: "the name of the source's replica doesn't resolve",
    code: 5,
    flags: `${all} -tablet_types REPLICA`,
    arrange: [moved("no-such-host.invalid")],
    failing: {
      source_tablets:
        /^no source tablet of commerce\/0 answers: zx-0000000002 at no-such-host\.invalid:\d+ \(DNS\): the name/,
      source_tables: unreadable,
      probe_stream: nothingFound,
    },
  },
  {
    what: "nobody listens where the replica should be",
    code: 5,
    flags: `${all} -tablet_types REPLICA`,
    arrange: [moved("127.0.0.1", 1)],
    failing: {
      source_tablets:
        /^no source tablet of commerce\/0 answers: zx-0000000002 at 127\.0\.0\.1:1 \(TCP\): connection refused$/,
      source_tables: unreadable,
      probe_stream: nothingFound,
    },
  },
  {
    what: "the replica hangs",
    code: 5,
    flags: `${all} -tablet_types REPLICA`,
    arrange: [paused(replica)],
    failing: {
      source_tablets:
        /^no source tablet of commerce\/0 answers: zx-0000000002 at 127\.0\.0\.1:\d+ \(RPC\): no (connection|answer) within \d s$/,
      source_tables: unreadable,
      probe_stream: nothingFound,
    },
  },
  {
    what: "tables without a vindex",
    code: 9,
    arrange: [vschema({ sharded: true, vindexes: { hash: { type: "hash" } } })],
    failing: {
      vindexes: /^target keyspace commerce is sharded, and its VSchema doesn't say which shard gets which rows: /,
    },
  },
];

describe("a check that fails ends none of the others, and changes nothing", () => {
  it("target_topology: nobody listens", async () => {
    const address = await servers.refusing();
    const result = await preflight(all, { env: connection(address) });
    expect(result.code).toBe(5);
    expect(result.of("target_topology")).toEqual({
      name: "target_topology",
      result: "failed",
      code: "unreachable",
      message: `cannot reach etcd at ${address}: connection refused (TCP)`,
      remedy: expect.any(String),
      tried: [{ what: "target_topology", address, layer: "TCP", answered: false, reason: expect.any(String) }],
      notes: [],
    });
    for (const check of result.checks.slice(1)) {
      expect(check).toMatchObject({ result: "skipped", message: "not run, because target_topology failed" });
    }
  });

  it.each(troubles.map((trouble) => [trouble.what, trouble] as const))(
    "%s",
    async (_what, { failing, code, flags, name, arrange = [] }) => {
      const undo: unknown[] = [];
      try {
        for (const step of arrange) undo.unshift(await step());
        const before = await lab.everything();
        const result = await preflight(flags, name === undefined ? {} : { name });
        expect(having(result, "failed"), result.stdout).toEqual(checkNames.filter((check) => check in failing));
        for (const [check, message] of Object.entries(failing)) expect(result.of(check)?.message).toMatch(message);
        expect(result.code).toBe(code);
        for (const { result: found, message } of result.checks) {
          if (found !== "skipped" || !message.startsWith("not run")) continue;
          expect(Object.keys(failing)).toContain(/because (\w+) failed/.exec(message)?.[1]);
        }
        expect(await lab.everything()).toEqual(before);
      } finally {
        for (const back of undo) if (typeof back === "function") await back();
      }
    },
  );

  it("is a warning where another tablet of the shard answers", async () => {
    const undo = await moved("127.0.0.1", 1)();
    try {
      const flags = `${all} -tablet_types PRIMARY,REPLICA`;
      const result = await lab.type(["Migrate", "-preflight", ...flags.split(" "), "Create", "commerce.wf"]);
      expect(result.code, result.stdout).toBe(0);
      expect(result.stdout).toMatch(
        /^source_tablets +warning +source tablets don't answer: zx-0000000002 at\n +127\.0\.0\.1:1 \(TCP\): connection refused\n {4}remedy: /m,
      );
    } finally {
      await undo();
    }
  });
});

describe("-skip_checks", () => {
  it("skips what it names, and what depends on it is run", async () => {
    const result = await preflight(`${all} -skip_checks source_tablets,probe-stream`);
    expect(result.code).toBe(0);
    for (const name of ["source_tablets", "probe_stream"]) {
      expect(result.of(name)).toMatchObject({ result: "skipped", message: "skipped by -skip_checks" });
    }
    expect(result.of("binlog_format")?.result).toBe("ok");
  });

  it.each([
    ["probe_strem", "unknown check probe_strem", /^Hint: Did you mean probe_stream\? Checks that can be skipped: /],
    ["sheep", "unknown check sheep", /^Hint: Checks that can be skipped: other_cluster, cells, /],
    ["columns", "check columns can't be skipped: Create decides by what it finds", /^Hint: Checks that can be skipped/],
  ])("%s is refused before anything is opened", async (typed, sentence, hint) => {
    const env = connection(await servers.refusing());
    const result = await lab.type(`Migrate -skip_checks ${typed} ${all} Create commerce.wf`, { env });
    expectFailure(result, 2, `Migrate Error: ${sentence}`, hint);
  });

  it.each(["Complete", "Cancel"])("-preflight is not for %s", async (action) => {
    const result = await lab.type(`Migrate -preflight ${action} commerce.wf`);
    expectFailure(result, 2, `Migrate Error: -preflight is for Create, and ${action} has no such checks`, /^Hint: /);
  });
});

describe("Create", () => {
  beforeEach(() => () => lab.clear());

  it("is refused by a check with its remedy, and goes on without it", async () => {
    const undo = statement("source", "set global binlog_format = 'MIXED'", "set global binlog_format = 'ROW'")();
    try {
      const before = await lab.everything();
      const refused = await lab.type(`Migrate ${all} Create commerce.wf`);
      expectFailure(
        refused,
        9,
        /^Migrate Error: binlog_format is MIXED on /,
        /^Hint: Set binlog_format to ROW .*-skip_checks/,
      );
      expect(await lab.everything()).toEqual(before);
      const made = await lab.type(`Migrate -json -skip_checks binlog_format ${all} Create commerce.wf`);
      expect(made.code, made.stderr).toBe(0);
      const { checks }: { checks: CheckReport[] } = JSON.parse(made.stdout);
      expect(checks.map(({ name }) => name)).toEqual(checkNames);
      expect(checks.find(({ name }) => name === "binlog_format")?.result).toBe("skipped");
      expect(checks.find(({ name }) => name === "probe_stream")?.result).toBe("ok");
      expect(made.stderr).toMatch(/^To copy: about \d+ rows, \d+ KiB in 5 tables$/m);
    } finally {
      undo();
    }
  });

  it("is refused when the target's tablets find no source tablet; -force makes it a warning", async () => {
    const before = await lab.everything();
    const hanging = () =>
      afterStatement(lab.primary("target"), /^insert into _vt\.vreplication\b/i, () => replica().pause());
    const create = (flags: string) =>
      lab.type(`Migrate ${all} -tablet_types REPLICA -skip_checks source_tablets ${flags} Create commerce.wf`);
    try {
      const refused = create("-auto_start");
      await hanging();
      vi.restoreAllMocks();
      const sentence = /^Migrate Error: target tablets don't find a tablet \(REPLICA\) in cells zx /;
      expectFailure(await refused, 9, sentence, /-skip_checks probe_stream\.$/);
      replica().resume();
      expect(await lab.everything()).toEqual(before);
      const forced = create("-force -auto_start=false");
      await hanging();
      vi.restoreAllMocks();
      // The schema is read once more under the locks.
      setTimeout(() => replica().resume(), 6_500);
      const { code, stderr } = await forced;
      expect(code, stderr).toBe(0);
      expect(stderr).toContain("Warning: Overruled by -force: target tablets don't find a tablet (REPLICA)");
    } finally {
      replica().resume();
    }
  });

  it("-dry_run inserts no probe", async () => {
    const inserted = vi.fn();
    void afterStatement(lab.primary("target"), /^insert into _vt\.vreplication\b/i, inserted);
    expect(await lab.type(`Migrate -dry_run ${all} Create commerce.wf`)).toMatchObject({ code: 0 });
    expect(inserted).not.toHaveBeenCalled();
    expect(await lab.type(`Migrate -preflight ${all} Create commerce.wf`)).toMatchObject({ code: 0 });
    expect(inserted).toHaveBeenCalledOnce();
  });
});

describe("the probe's stream", () => {
  it("is gone after Ctrl-C", async () => {
    replica().pause();
    try {
      let send: ((signal: NodeJS.Signals) => void) | undefined;
      const line = `Migrate -preflight ${all} -tablet_types REPLICA Create commerce.wf`;
      const running = lab.type(line, {
        onStart: (kill) => {
          send = kill;
        },
      });
      await afterStatement(lab.primary("target"), /^update _vt\.vreplication set state = 'Running'/i, () => {
        expect(lab.streams()).toMatchObject([{ workflow: expect.stringMatching(/^_vtmigrate_probe_/) }]);
        send?.("SIGINT");
      });
      const { code, stdout, stderr } = await running;
      expect({ code, stdout }, stderr).toEqual({ code: 130, stdout: "" });
      expect(lab.streams()).toEqual([]);
    } finally {
      replica().resume();
    }
  });

  it("that can't be deleted is named with the command that deletes it", async () => {
    const session = lab.primary("target").mysql.session();
    const sessions: Session = Object.getPrototypeOf(session);
    session.close();
    const { execute } = sessions;
    vi.spyOn(sessions, "execute").mockImplementation(function (this: Session, text) {
      if (/^delete from _vt\.vreplication\b/i.test(text)) throw new Error("the disk is full");
      return execute.call(this, text);
    });
    const result = await lab.type(`Migrate -preflight ${all} Create commerce.wf`);
    vi.restoreAllMocks();
    expect(result.stderr).toMatch(
      /^Warning: the probe stream on 0\/zone1-0000000100 could not be deleted: .*the disk is full/m,
    );
    expect(lab.streams()).toHaveLength(1);
    const command = /^Delete it with "vtmigrate (.*)", or on zone1-0000000100:$/m.exec(result.stderr)?.[1] ?? "";
    const deleted = await lab.type(command);
    expect(deleted.code, deleted.stderr).toBe(0);
    expect(lab.streams()).toEqual([]);
  });
});
