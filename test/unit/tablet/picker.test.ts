import { describe, expect, it } from "vitest";
import { AuthError, InterruptedError, NotFoundError, UnreachableError, UsageError } from "../../../src/errors.js";
import { pickTablet } from "../../../src/tablet/picker.js";
import type { Tablet, TabletClients, TabletRecord } from "../../../src/tablet/port.js";
import { formatTabletTypes, parseTabletTypes } from "../../../src/tablet/types.js";
import type { Topo } from "../../../src/topo/port.js";
import { encode } from "../../../src/wire/proto.js";

type Type = TabletRecord["type"];
type Health = Awaited<ReturnType<Tablet["health"]>>;

function record(alias: string, type: Type): TabletRecord {
  const [cell = "", uid = ""] = alias.split("-");
  const place = { hostname: "h", grpcAddress: `h:${uid}`, dbName: "vt_commerce" };
  return { mount: "", alias, cell, uid: Number(uid), keyspace: "commerce", shard: "0", type, ...place };
}

const RECORDS = [
  record("zx-1", "PRIMARY"),
  record("zx-2", "REPLICA"),
  record("zy-3", "REPLICA"),
  record("zy-4", "RDONLY"),
  { ...record("zw-5", "REPLICA"), hostname: "", grpcAddress: ":0" },
];

/** A topology of these tablets, each healthy unless `ill` says otherwise; the last one was shut down. */
function cluster(ill: Record<string, Partial<Health> | Error> = {}) {
  const asked: string[] = [];
  const topo = {
    description: "etcd2 somewhere",
    cellAliases: async () => ["region"],
    global: { get: async () => ({ contents: encode("topodata.CellsAlias", { cells: ["zy"] }) }) },
    tabletsOfShard: async (_keyspace: string, _shard: string, cells?: string[]) =>
      RECORDS.filter((tablet) => cells === undefined || cells.includes(tablet.cell)),
  } as unknown as Topo;
  const tablets = {
    open: (tablet: TabletRecord) =>
      ({
        record: tablet,
        async health({ signal }: { signal?: AbortSignal }) {
          signal?.throwIfAborted();
          asked.push(tablet.alias);
          const state = ill[tablet.alias];
          if (state instanceof Error) throw state;
          return { serving: true, type: tablet.type, error: "", ...state };
        },
      }) as unknown as Tablet,
    close: () => {},
  } as TabletClients;
  const pick = (tabletTypes: string, more: { cells?: string[]; signal?: AbortSignal } = {}) =>
    pickTablet(topo, tablets, { keyspace: "commerce", shard: "0", tabletTypes, ...more });
  return { pick, asked };
}

describe("pickTablet", () => {
  it("keeps to the order of the types, in any case and spelling", async () => {
    for (let i = 0; i < 20; i++) {
      expect((await cluster().pick("in_order:rdonly,Replica")).record.alias).toBe("zy-4");
      expect((await cluster().pick("IN_ORDER:MASTER,replica")).record.alias).toBe("zx-1");
    }
  });

  it("takes any of the types without in_order", async () => {
    const picked = await Promise.all(Array.from({ length: 60 }, () => cluster().pick("replica,primary")));
    expect(new Set(picked.map((tablet) => tablet.record.alias))).toEqual(new Set(["zx-1", "zx-2", "zy-3"]));
  });

  it("keeps to the cells, and knows aliases", async () => {
    expect((await cluster().pick("replica", { cells: ["zx"] })).record.alias).toBe("zx-2");
    expect((await cluster().pick("replica", { cells: ["region"] })).record.alias).toBe("zy-3");
  });

  it("doesn't ask a tablet that was shut down", async () => {
    const { pick, asked } = cluster();
    await expect(pick("replica", { cells: ["zw"] })).rejects.toThrow("zw-5 was shut down");
    expect(asked).toEqual([]);
  });

  it("goes on to the next type when a tablet doesn't serve, or is another type by now", async () => {
    const { pick, asked } = cluster({
      "zy-4": { serving: false },
      "zx-2": { type: "PRIMARY" },
      "zy-3": new UnreachableError("gone"),
    });
    expect((await pick("in_order:rdonly,replica,primary")).record.alias).toBe("zx-1");
    expect(asked.slice(0, 1)).toEqual(["zy-4"]);
    expect(asked).toHaveLength(4);
  });

  it("says why each tablet was turned down", async () => {
    const { pick } = cluster({
      "zx-2": { serving: false, error: "replication is stopped" },
      "zy-3": new UnreachableError("refused"),
    });
    const failure = pick("replica");
    await expect(failure).rejects.toThrow(UnreachableError);
    await expect(failure).rejects.toThrow("no replica tablet to read from for commerce/0 in any cell");
    await expect(failure).rejects.toThrow("zx-1 is primary");
    await expect(failure).rejects.toThrow("zx-2 is not serving (replication is stopped)");
    await expect(failure).rejects.toThrow("zy-3 at h:3 doesn't answer (refused)");
    await expect(cluster().pick("rdonly", { cells: ["zx"] })).rejects.toThrow(NotFoundError);
  });

  it("is refused when one of those that don't serve lets us not in", async () => {
    const { pick } = cluster({
      "zx-2": { serving: false },
      "zy-3": new AuthError("zy-3: certificate has expired", { hint: "Renew it." }),
    });
    await expect(pick("replica")).rejects.toMatchObject({ exitCode: 4, hint: "Renew it." });
  });

  it("hears the abort signal", async () => {
    const signal = AbortSignal.abort(new InterruptedError("interrupted by SIGINT"));
    await expect(cluster().pick("replica", { signal })).rejects.toThrow(InterruptedError);
  });
});

describe("tablet types", () => {
  it("are written as each version reads them, without the blanks that none does", () => {
    const types = parseTabletTypes("in_order: REPLICA, PRIMARY ,replica");
    expect(formatTabletTypes(types, { beforeV12: false })).toBe("in_order:replica,primary");
    expect(formatTabletTypes(types, { beforeV12: true })).toBe("replica,master");
  });

  it.each(["", "replica,nope", "spare", "in_order:"])("refuses %j", (text) => {
    expect(() => parseTabletTypes(text)).toThrow(UsageError);
  });
});
