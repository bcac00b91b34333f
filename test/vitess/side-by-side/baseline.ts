/** The state that every case begins with, and how the target comes back to it. */
import { RawEtcd } from "../../support/raw-etcd.js";
import type { VitessLab } from "../lab.js";
import { dropTables, endWorkflows } from "../put-back.js";

/** Both sides have these tables to migrate: small, so that copies and comparisons take no time. */
const tables = [
  "create table items(id int primary key, name varchar(50), v int)",
  "create table other(id int primary key, v int)",
];

export class Baseline {
  private constructor(
    private readonly lab: VitessLab,
    private readonly etcd: RawEtcd,
    private readonly keys: ReadonlyMap<string, Buffer>,
  ) {}

  /** The source's keyspace commerce with 100 rows in each table; the target without any, the source mounted as ext1. */
  static async prepare(lab: VitessLab): Promise<Baseline> {
    await lab.clear();
    await lab.ddl("source", "commerce", tables);
    const rows = Array.from({ length: 100 }, (_, i) => i + 1);
    await lab.sql(
      lab.primary("source", "commerce"),
      `insert into items values ${rows.map((id) => `(${id}, 'item ${id}', ${id * 3})`).join(", ")}`,
      `insert into other values ${rows.map((id) => `(${id}, ${id})`).join(", ")}`,
    );
    await lab.mount("ext1");
    const keys = new Map((await lab.keys("target")).map(({ key, value }) => [key, value]));
    return new Baseline(lab, new RawEtcd(lab.target.etcd), keys);
  }

  close(): void {
    this.etcd.close();
  }

  async restore(): Promise<void> {
    const { lab } = this;
    await endWorkflows(lab);
    await dropTables(lab, "target");
    const now = new Map((await lab.keys("target")).map(({ key, value }) => [key, value]));
    for (const key of now.keys()) if (!this.keys.has(key)) await this.etcd.delete(key);
    for (const [key, value] of this.keys) {
      if (now.get(key)?.equals(value)) continue;
      await this.etcd.call("KV", "Put", { key: Buffer.from(key), value });
    }
  }
}
