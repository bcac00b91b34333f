import { spawn } from "node:child_process";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";

const bin = join(import.meta.dirname, "../../bin/vtmigrate.js");
const reportUsage = pathToFileURL(join(import.meta.dirname, "report-usage.js")).href;

/** Runs the built binary to its end: milliseconds, seconds of CPU, and the most memory it had. */
export async function measure(args, { exitCode = 0 } = {}) {
  const start = performance.now();
  const child = spawn(process.execPath, ["--import", reportUsage, bin, ...args], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const stderr = readAll(child.stdio[2]);
  const usage = readAll(child.stdio[3]);
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  const ms = performance.now() - start;
  if (code !== exitCode) throw new Error(`vtmigrate ${args.join(" ")} ended with ${code}: ${await stderr}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(await usage);
  return { ms, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, peakBytes: maxRSS * 1024 };
}

async function readAll(stream) {
  let all = "";
  for await (const text of stream.setEncoding("utf8")) all += text;
  return all;
}
