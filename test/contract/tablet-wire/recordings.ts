/** The recordings of real tablets: what each was made on, and in which state. */
import type { ProfileName } from "../../../src/sandbox/tablet/profiles.js";
import type { RecordedStream } from "./state.js";

/** What a recording is made on. */
export interface Recorded {
  /** "18.0.8" */
  version: string;
  server: "mysql" | "mariadb";
}

export interface Recording extends Recorded {
  /** The version; of a second one of the same version, over the other server, that too: "22.0.3-mariadb". */
  name: string;
  /** The sandbox's. */
  profile: ProfileName;
  /** Of those that weren't made in the state in which tablets are recorded now. */
  stream?: RecordedStream;
}

export const recordings: readonly Recording[] = [
  {
    name: "22.0.3",
    version: "22.0.3",
    server: "mysql",
    profile: "v22",
    stream: {
      id: 3,
      types: "in_order:replica,primary",
      columns: ", workflow_type, workflow_sub_type, defer_secondary_keys, options",
      values: ", 1, 0, true, '{}'",
      vdiffs: "as the recording shows them",
    },
  },
  { name: "22.0.3-mariadb", version: "22.0.3", server: "mariadb", profile: "v22" },
  { name: "18.0.8", version: "18.0.8", server: "mariadb", profile: "v18" },
  {
    name: "14.0.5",
    version: "14.0.5",
    server: "mariadb",
    profile: "v14",
    stream: { id: 2, types: "in_order:REPLICA,PRIMARY", copying: "product", vdiffs: "none" },
  },
  {
    name: "11.0.4",
    version: "11.0.4",
    server: "mariadb",
    profile: "v11",
    stream: { id: 4, types: "master,replica,rdonly", vdiffs: "none" },
  },
];

export function recordingOf({ version, server }: Recorded): Recording | undefined {
  return recordings.find((known) => known.version === version && known.server === server);
}

/** What a recording is called that is made now. */
export function nameOf(made: Recorded): string {
  const isSecond = recordings.some(({ version }) => version === made.version);
  return recordingOf(made)?.name ?? (isSecond ? `${made.version}-${made.server}` : made.version);
}
