import { binlogFormat, binlogRowImage } from "./binlog.js";
import type { Check } from "./check.js";
import { atomicCopy, timeZone } from "./choices.js";
import { copySize } from "./copy-size.js";
import { newWorkflow, sourceKeyspace, targetKeyspace, targetPrimaries } from "./keyspaces.js";
import type { CheckName } from "./names.js";
import { probeStream } from "./probe-stream.js";
import { columns, vindexes } from "./routes.js";
import { separateTablets } from "./separate-tablets.js";
import { sourceKeys, sourceTables } from "./source-tables.js";
import { cells, sourceTablets } from "./source-tablets.js";
import { targetTables } from "./target-tables.js";
import { otherCluster, sourceTopology, targetTopology } from "./topologies.js";

/** By name, in the order of `checkNames`. */
export const checks: Readonly<Record<CheckName, Check>> = {
  target_topology: targetTopology,
  source_topology: sourceTopology,
  other_cluster: otherCluster,
  target_keyspace: targetKeyspace,
  source_keyspace: sourceKeyspace,
  target_primaries: targetPrimaries,
  new_workflow: newWorkflow,
  separate_tablets: separateTablets,
  cells,
  source_tablets: sourceTablets,
  source_tables: sourceTables,
  source_keys: sourceKeys,
  vindexes,
  columns,
  target_tables: targetTables,
  time_zone: timeZone,
  atomic_copy: atomicCopy,
  binlog_format: binlogFormat,
  binlog_row_image: binlogRowImage,
  copy_size: copySize,
  probe_stream: probeStream,
};
