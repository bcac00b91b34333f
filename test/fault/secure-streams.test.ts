/** The target's tablets open the source by flags of their own: what is seen when these are missing. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createTabletClients } from "../../src/tablet/grpc/clients.js";
import { expectFailure } from "../support/failure.js";
import { Lab, type LabOptions, sql } from "../support/lab.js";
import { type SecureClusters, type SecureWish, secureClusters } from "../support/secure-clusters.js";

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(wish: SecureWish, options: LabOptions = {}): Promise<{ lab: Lab; secure: SecureClusters }> {
  const secure = await secureClusters(wish);
  cleanups.push(() => secure.remove());
  const lab = await Lab.start({ ...options, secure, rows: 5 });
  cleanups.push(() => lab.close());
  return { lab, secure };
}

describe("the target's tablets don't know the authority of", () => {
  it("the source's etcd: the preflight's probe is refused, and nothing is left of it", async () => {
    const { lab, secure } = await start({ unknownToTarget: ["source etcd"] });
    const { etcd, topoRoot } = lab.sandbox.source;
    const address = ["-topo_type", "etcd2", "-topo_server", etcd, "-topo_root", topoRoot];
    expect(await lab.type(["Mount", ...address, ...secure.source.flags, "ext1"])).toMatchObject({ code: 0 });
    const logFile = join(secure.folder, "log");
    const create = await lab.type(`-v 2 -log_file ${logFile} Migrate -all -source ext1.commerce Create commerce.wf`);
    expectFailure(
      create,
      9,
      /0\/zone1-0000000100 from ext1\.commerce\/0: .*context deadline exceeded/,
      /flags of their/,
    );
    expect(lab.streams()).toEqual([]);
    const seen = (await readFile(logFile, "utf8")) + JSON.stringify(await lab.everything());
    expect(seen).toContain("vreplicationExec");
    for (const secret of secure.secrets) expect(seen).not.toContain(secret);
  }, 60_000);

  // Later releases ask a tablet for its health before they choose it, and say nothing of one that they can't ask.
  it("the source's tablets: up to v16 a stream says so, in Go's words", async () => {
    const { lab, secure } = await start(
      { unknownToTarget: ["source tablets"] },
      { targetProfile: "v16", mounts: ["ext1"] },
    );
    const source = 'keyspace:"commerce" shard:"0" filter:{rules:{match:"product"}} external_cluster:"ext1"';
    const clients = createTabletClients(() => secure.target.tablets);
    const primary = lab.primary("target");
    sql(
      primary,
      "create table product (sku varbinary(128) not null primary key, description varbinary(128), price bigint)",
    );
    await clients
      .open(await lab.topo.tablet(primary.alias))
      .vreplicationExec(
        "insert into _vt.vreplication(workflow, source, pos, max_tps, max_replication_lag, cell, tablet_types, time_updated, " +
          `transaction_timestamp, state, db_name) values ('wf', '${source}', '', 9, 9, 'zx', 'primary', 0, 0, 'Running', 'vt_commerce')`,
      );
    clients.close();
    await vi.waitFor(
      () =>
        expect(sql(primary, "select message from _vt.vreplication")).toEqual([
          {
            message:
              'vttablet: rpc error: code = Unavailable desc = connection error: desc = "transport: authentication handshake failed: ' +
              'tls: failed to verify certificate: x509: certificate signed by unknown authority"',
          },
        ]),
      { timeout: 10_000 },
    );
  }, 60_000);
});
