// What a VDiff costs its client, over a generated table of rows of 150 bytes that another process serves.
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { measure } from "./measure.js";

const MILLION = 1_000_000;
const MANY = Number(process.argv[2] ?? 10);
const server = fork(join(import.meta.dirname, "generated/server.js"));
await once(server, "message");

async function tell(message) {
  server.send(message);
  return (await once(server, "message"))[0];
}

const { source, target, rowBytes } = await tell({ rows: 1 });
const connection = ["-topo_global_server_address", target.etcd, "-topo_global_root", target.topoRoot];
const type = (line, options) => measure([...connection, ...line.split(" ")], options);
await type(`Mount -topo_type etcd2 -topo_server ${source.etcd} -topo_root ${source.topoRoot} ext1`);
await type("Migrate -all -source ext1.generated -timeout 60s Create generated.wf");

/** Of both sides, with these rows of the target changed. */
async function vdiff(options, rows, changed = []) {
  await tell({ rows, changed });
  const used = await type(`VDiff ${options}generated.wf`, { exitCode: changed.length > 0 ? 3 : 0 });
  return { ...used, sent: (await tell({})).sent };
}

function report(name, value, aim) {
  process.stdout.write(`${name.padEnd(64)} ${value.padStart(12)}${aim === undefined ? "" : `  (aim: ${aim})`}\n`);
}

report("a row on the wire", `${rowBytes} bytes`);
const { cpuSeconds } = await vdiff("-full ", 1000);
report("-full, a thousand rows: CPU", `${cpuSeconds.toFixed(2)} s`);
const full = new Map();
for (const millions of [1, MANY]) {
  const used = await vdiff("-full ", millions * MILLION);
  full.set(millions, used);
  const of = `-full, ${millions} million rows`;
  report(`${of}: CPU per million, both sides`, `${(used.cpuSeconds / millions).toFixed(2)} s`, "at most 2.50 s");
  report(`${of}: time per million`, `${(used.ms / 1000 / millions).toFixed(2)} s`);
  report(`${of}: peak memory`, `${(used.peakBytes / 2 ** 20).toFixed(0)} MiB`, "at most 300 MB");
}
const growth = full.get(MANY).peakBytes / full.get(1).peakBytes;
report(`-full, peak at ${MANY} million rows to that at 1 million`, growth.toFixed(2), "at most 1.20");

for (const count of [0, 1, 100]) {
  // Far from each other, and none at the table's ends.
  const changed = Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * MILLION) / count));
  const { sent } = await vdiff("", MILLION, changed);
  report(`${count} of a million rows differ: rows read, both sides`, `${sent}`);
}
server.disconnect();
