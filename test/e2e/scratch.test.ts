// biome-ignore-all lint/suspicious/noConsole: scratch
import { it } from "vitest";
import { Lab } from "../support/lab.js";

it("x", async () => {
  const lab = await Lab.start({ rows: 50 });
  const show = async (line: string) => {
    const t = Date.now();
    const r = await lab.type(line);
    console.log(line, r.code, Date.now() - t, "\n" + r.stdout + "----\n" + r.stderr);
  };
  await show("Migrate -preflight -all -source ext1.commerce Create commerce.wf");
  await show("Migrate -preflight -json -all -source ext1.commerce Create commerce.wf");
  await show("Migrate -preflight -all -source nope.commerce Create commerce.wf");
  await show("Migrate -preflight -all -source ext1.nope Create nix.wf");
  await show("Migrate -dry_run -all -source ext1.commerce Create commerce.wf");
  await show("Migrate -skip_checks probe_strem -all -source ext1.commerce Create commerce.wf");
  await show("Migrate -skip_checks columns -all -source ext1.commerce Create commerce.wf");
  lab.tablet("source", "zx-0000000002").pause();
  await show("Migrate -preflight -all -source ext1.commerce Create commerce.wf");
  lab.tablet("source", "zx-0000000002").resume();
  await show("Migrate -all -source ext1.commerce -wait Create commerce.wf");
  await lab.close();
}, 120_000);
