// npm run bench [-- <name> [<argument>..]]: one of them, or all.
import { spawnSync } from "node:child_process";
import { join } from "node:path";

const benches = ["startup", "shards", "vdiff"];
const [name, ...args] = process.argv.slice(2);
if (name !== undefined && !benches.includes(name)) {
  process.stderr.write(`there is no benchmark ${name}, only ${benches.join(", ")}\n`);
  process.exit(2);
}
for (const wanted of name === undefined ? benches : [name]) {
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, `${wanted}.js`), ...args], {
    stdio: "inherit",
  });
  if (status !== 0) process.exit(status ?? 1);
}
