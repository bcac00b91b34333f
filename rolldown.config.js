import { isBuiltin } from "node:module";
import { defineConfig } from "rolldown";

/**
 * Packs the compiled modules, some hundreds, into a few dozen files: looking for each of them took a third of
 * a short command's time. Packages stay what they are, in node_modules: some read files that lie beside them.
 */
export default defineConfig({
  input: "dist/modules/main.js",
  platform: "node",
  external: (id) => isBuiltin(id) || /^[^./]/.test(id),
  output: { dir: "dist", format: "esm", entryFileNames: "[name].js", chunkFileNames: "chunks/[name].js" },
  logLevel: "warn",
});
