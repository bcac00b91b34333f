#!/usr/bin/env node
// Starts the built program. Written for every Node there is, so that an old one gets a sentence, not a stack.
import { existsSync } from "node:fs";

const [major, minor] = process.versions.node.split(".").map(Number);
const built = new URL("../dist/main.js", import.meta.url);
if (major < 20 || (major === 20 && minor < 19)) {
  fail(`vtmigrate needs Node 20.19 or newer; this is ${process.version}.`);
} else if (!existsSync(built)) {
  fail("vtmigrate isn't built: run npm run build in its folder.");
} else {
  const { main } = await import(built.href);
  await main();
}

function fail(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exitCode = 1;
}
