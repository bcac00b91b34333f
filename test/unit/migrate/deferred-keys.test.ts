import { describe, expect, it } from "vitest";
import { PreflightError } from "../../../src/errors.js";
import { decideDeferral } from "../../../src/migrate/create/deferred-keys.js";
import type { Capabilities } from "../../../src/tablet/capabilities.js";

const able = (columns: string): Capabilities => ({
  columns: new Set(columns.split(" ")),
  beforeV12: false,
  maxSourceBytes: 16_777_215,
});
const v14 = able("workflow_type");
const v18 = able("workflow_type defer_secondary_keys");
const v22 = able("workflow_type defer_secondary_keys options");

const parent = {
  name: "parent",
  schema: "CREATE TABLE `parent` (`id` int NOT NULL, `code` int, PRIMARY KEY (`id`), UNIQUE KEY `code` (`code`))",
};
const child = (name: string, keys: string, reference = "`id`") => ({
  name,
  schema:
    "CREATE TABLE `" +
    name +
    "` (`id` int NOT NULL, `P` int, `q` int, PRIMARY KEY (`id`)" +
    keys +
    ", CONSTRAINT `" +
    name +
    "_1` FOREIGN KEY (`p`) REFERENCES `parent` (" +
    reference +
    "))",
});
const own = child("own", ", KEY `k` (`p`)");
const wider = child("wider", ", KEY `k` (`p`,`q`)");
const toSecondary = child("to_code", ", KEY `k` (`p`)", "`code`");
const byPrimary = {
  name: "by_primary",
  schema:
    "CREATE TABLE `by_primary` (`p` int NOT NULL, `n` int NOT NULL, PRIMARY KEY (`p`,`n`), KEY `n` (`n`)," +
    " CONSTRAINT `f` FOREIGN KEY (`p`) REFERENCES `parent` (`id`))",
};
const elsewhere = {
  name: "elsewhere",
  schema:
    "CREATE TABLE `elsewhere` (`p` int NOT NULL, PRIMARY KEY (`p`), KEY `n` (`p`)," +
    " CONSTRAINT `f` FOREIGN KEY (`p`) REFERENCES `other`.`parent` (`code`), CONSTRAINT `g` FOREIGN KEY (`p`) REFERENCES `left_out` (`code`))",
};
const all = [parent, own, wider, toSecondary, byPrimary, elsewhere];

const request = { deferSecondaryKeys: undefined, atomicCopy: false, dropForeignKeys: false, tables: all };

describe("decideDeferral", () => {
  it("leaves v20 and later's own default where foreign keys keep their keys", () => {
    const tables = [parent, own, byPrimary, elsewhere];
    expect(decideDeferral({ ...request, tables }, [v22])).toEqual({ deferSecondaryKeys: undefined, notes: [] });
    expect(decideDeferral({ ...request, tables, deferSecondaryKeys: true }, [v22]).deferSecondaryKeys).toBe(true);
  });

  it("defers nothing, and says so, where v20 and later would drop what a foreign key stands on", () => {
    expect(decideDeferral(request, [v22])).toEqual({
      deferSecondaryKeys: false,
      notes: [expect.stringMatching(/: wider_1 of wider, to_code_1 of to_code$/)],
    });
  });

  it("refuses to do it when asked to", () => {
    const asked = () => decideDeferral({ ...request, deferSecondaryKeys: true }, [v22]);
    expect(asked).toThrow(PreflightError);
    expect(asked).toThrow(
      "-defer-secondary-keys would drop keys that foreign keys need: wider_1 of wider, to_code_1 of to_code",
    );
  });

  it("refuses any foreign key's key where tablets drop them all, one of them being enough", () => {
    const asked = () => decideDeferral({ ...request, deferSecondaryKeys: true }, [v22, v18]);
    expect(asked).toThrow(": own_1 of own, wider_1 of wider, to_code_1 of to_code");
  });

  it.each([
    ["=false", { deferSecondaryKeys: false }, v22],
    ["without foreign keys", { deferSecondaryKeys: true, dropForeignKeys: true }, v18],
    ["by default before v20", {}, v18],
    ["where there is no such thing", { deferSecondaryKeys: true }, v14],
  ])("has nothing to say %s", (_, changed, version) => {
    const asked = { ...request, ...changed };
    expect(decideDeferral(asked, [version])).toEqual({ deferSecondaryKeys: asked.deferSecondaryKeys, notes: [] });
  });

  it("never defers with an atomic copy", () => {
    expect(decideDeferral({ ...request, atomicCopy: true, tables: [parent] }, [v22])).toEqual({
      deferSecondaryKeys: false,
      notes: [],
    });
  });
});
