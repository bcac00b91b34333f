// Writes TypeScript types for proto/*.proto into src/wire/generated, with the options that
// src/wire/proto.ts loads the same files with at run time.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const outDir = join(here, "..", "src", "wire", "generated");
const options = JSON.parse(readFileSync(join(here, "loader-options.json"), "utf8"));
const flags = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
const loaderDir = dirname(createRequire(import.meta.url).resolve("@grpc/proto-loader/package.json"));

rmSync(outDir, { recursive: true, force: true });
execFileSync(process.execPath, [
  join(loaderDir, "build", "bin", "proto-loader-gen-types.js"),
  ...flags,
  "--grpcLib=@grpc/grpc-js",
  "--importFileExtension=.js",
  `--includeDirs=${here}`,
  `--outDir=${outDir}`,
  ...readdirSync(here).filter((name) => name.endsWith(".proto")),
]);
