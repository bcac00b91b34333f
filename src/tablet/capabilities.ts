import type { CallOptions, Tablet } from "./port.js";

/** What a tablet can do, read from the columns of its `_vt.vreplication`, never from a version string. */
export interface Capabilities {
  columns: ReadonlySet<string>;
  /** v11 has no `time_heartbeat`: it knows neither "primary" nor "in_order:" nor the time zone fields. */
  beforeV12: boolean;
  /** Most bytes that `source` holds: 65,535 in v11 (BLOB), 16 MiB later (MEDIUMBLOB). */
  maxSourceBytes: number;
}

const known = new WeakMap<Tablet, Promise<Capabilities>>();

/**
 * Asked once per tablet. Fields come back without rows on every version
 * (`select * from _vt.vreplication where id = 0`, v11 to v24).
 */
export function readCapabilities(tablet: Tablet, options: CallOptions = {}): Promise<Capabilities> {
  let capabilities = known.get(tablet);
  if (capabilities === undefined) {
    capabilities = ask(tablet, options);
    known.set(tablet, capabilities);
    capabilities.catch(() => known.delete(tablet));
  }
  return capabilities;
}

async function ask(tablet: Tablet, options: CallOptions): Promise<Capabilities> {
  const { fields } = await tablet.vreplicationExec("select * from _vt.vreplication where id = 0", options);
  const columns = new Set(fields.map((field) => field.name));
  const beforeV12 = !columns.has("time_heartbeat");
  const length = fields.find((field) => field.name === "source")?.column_length ?? 0;
  return { columns, beforeV12, maxSourceBytes: length > 0 ? length : beforeV12 ? 65_535 : 16_777_215 };
}
