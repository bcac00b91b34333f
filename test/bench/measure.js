import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { performance } from "node:perf_hooks";

const bin = join(import.meta.dirname, "../../bin/vtmigrate.js");

/** Runs the built binary to its end: milliseconds, and the most memory it had (NaN where /proc doesn't tell). */
export function measure(args) {
  const start = performance.now();
  const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let stderr = "";
  let peakBytes = Number.NaN;
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const looking = setInterval(() => {
    peakBytes = peak(child.pid) ?? peakBytes;
  }, 20);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(looking);
      if (code === 0) resolve({ ms: performance.now() - start, peakBytes });
      else reject(new Error(`vtmigrate ${args.join(" ")} ended with ${code}: ${stderr}`));
    });
  });
}

/** The high-water mark of a process's memory, from Linux's /proc. */
function peak(pid) {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
