import { type FakeClusters, fakeClusters } from "./cluster.js";
import { corder, customer, notes, product } from "./table.js";

/** The data of the recordings, copied to the target. */
export function commerce(): FakeClusters {
  const clusters = fakeClusters([corder, customer, notes, product].map((table) => structuredClone(table)));
  const { source, targetPrimary } = clusters;
  const emails = ["alice", "bob", "charlie", "dan", "eve"];
  for (const [i, name] of emails.entries()) {
    source.commit({ table: "customer", put: [`${i + 1}`, `${name}@domain.com`] });
  }
  const orders = [
    ["1", "1", "SKU-1001", "100"],
    ["2", "2", "SKU-1002", "30"],
    ["3", "3", "SKU-1002", "30"],
    ["4", "4", "SKU-1002", "30"],
    ["5", "5", "SKU-1002", "30"],
  ];
  for (const put of orders) source.commit({ table: "corder", put });
  source.commit(
    { table: "product", put: ["SKU-1001", "Monitor", "100"] },
    { table: "product", put: ["SKU-1002", "Keyboard", "30"] },
  );
  for (const name of ["apple", "Ärger", "Banana", "Zebra"])
    source.commit({ table: "notes", put: [name, "x", null, null] });
  targetPrimary.play();
  return clusters;
}

/** The same differences as in the recording. */
export function plantDifferences({ target }: FakeClusters): void {
  target.commit(
    { table: "corder", remove: ["5", "5", "SKU-1002", "30"] },
    { table: "customer", put: ["2", "changed@x"] },
    { table: "product", put: ["SKU-9", "extra", "1"] },
  );
}
