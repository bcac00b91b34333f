// Cold start of the command line, as ratios to a bare `node -e 0` of the same run. The cases are
// started in turn, so that a busy moment of the machine hits all of them.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { promisify } from "node:util";
import { startEtcd } from "../../dist/modules/sandbox/etcd/server.js";

const run = promisify(execFile);
const rounds = Number(process.argv[2] ?? 15);
const bin = join(import.meta.dirname, "../../bin/vtmigrate.js");
const etcd = await startEtcd({ port: 0 });
const connection = ["-topo_global_server_address", etcd.endpoint, "-topo_global_root", "/vitess/global"];
const cases = [
  { name: "node -e 0", args: ["-e", "0"], times: [] },
  { name: "vtmigrate help", args: [bin, "help"], aim: 2, times: [] },
  { name: "vtmigrate Mount -list", args: [bin, ...connection, "Mount", "-list"], aim: 4, times: [] },
];

for (let round = 0; round <= rounds; round++) {
  for (const { args, times } of cases) {
    const start = performance.now();
    await run(process.execPath, args);
    // The first round only warms the disk's cache.
    if (round > 0) times.push(performance.now() - start);
  }
}
await etcd.close();

const median = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)];
const bare = median(cases[0].times);
for (const { name, times, aim } of cases) {
  const ratio = (median(times) / bare).toFixed(2);
  const goal = aim === undefined ? "" : `  (aim: at most ${aim})`;
  process.stdout.write(`${name.padEnd(24)} ${median(times).toFixed(0).padStart(5)} ms   x ${ratio}${goal}\n`);
}
