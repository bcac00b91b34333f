import { type Finding, vtmigrate } from "./finding.js";
import { nameTables } from "./names.js";
import type { Scene } from "./scene.js";

/** Tables that the primaries refuse although no workflow fills them: the application's queries fail. */
export function deniedTables(scene: Scene): Finding[] {
  const { keyspace, denied, silent } = scene;
  if (denied.length === 0) return [];
  const tables = [...new Set(denied.flatMap((leftover) => leftover.tables))].sort();
  const sure = silent.length === 0;
  return [
    {
      kind: "denied_tables",
      what: `tables are denied in ${keyspace} and no workflow fills them: ${nameTables(denied)}`,
      sure: sure ? "known" : "guessed",
      because: sure
        ? "vtctldclient's complete leaves them so; the application is refused"
        : "a shard that doesn't answer may have streams for them",
      cleanUp: [
        vtmigrate("Migrate", "-force", "-tables", tables.join(","), "Complete", `${keyspace}.${freeName(scene)}`),
      ],
    },
  ];
}

/** The command takes the name of a workflow that doesn't exist: one that does would be completed. */
function freeName({ workflows, records, unreadable, unreadableRecords }: Scene): string {
  const taken = new Set([
    ...records.keys(),
    ...[...workflows, ...unreadable, ...unreadableRecords].map(({ workflow }) => workflow),
  ]);
  let name = "none";
  for (let n = 2; taken.has(name); n++) name = `none${n}`;
  return name;
}
