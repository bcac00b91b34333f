/** tabletmanagerservice.TabletManager as this tablet serves it: every RPC that its version has. */
import type { MessageOutput } from "../../../wire/proto.js";
import { encodeResult } from "../../../wire/result.js";
import { readDeniedTables } from "../register.js";
import type { Call, Methods, UnaryMethod } from "../server.js";
import type { TabletState } from "../state.js";
import type { VDiffEngine } from "../vdiff/engine.js";
import type { Engine } from "../vreplication/engine.js";
import { executeFetchAsAllPrivs, executeFetchAsApp, executeFetchAsDba } from "./exec.js";
import { primaryPosition, waitForPosition } from "./position.js";
import { applySchema, getSchema, reloadSchema } from "./schema.js";
import { updateWorkflow } from "./update-workflow.js";
import { vdiff } from "./vdiff.js";
import { readWorkflow, readWorkflows } from "./workflow.js";
import { managed } from "./wrap.js";

export function tabletManagerMethods(state: TabletState, engine: Engine, vdiffs: VDiffEngine): Methods {
  const methods: Methods = {
    Ping: ({ payload }: MessageOutput<"tabletmanagerdata.PingRequest">) => ({ payload }),
    GetSchema: getSchema(state),
    ApplySchema: applySchema(state),
    ReloadSchema: reloadSchema(state),
    RefreshState: async () => {
      state.deniedTables = await readDeniedTables(state);
      return {};
    },
    ExecuteFetchAsDba: executeFetchAsDba(state),
    ExecuteFetchAsAllPrivs: executeFetchAsAllPrivs(state),
    ExecuteFetchAsApp: executeFetchAsApp(state),
    VReplicationExec: async ({ query }: MessageOutput<"tabletmanagerdata.VReplicationExecRequest">) => ({
      result: encodeResult(await engine.execute(query)),
    }),
    VReplicationWaitForPos: async (
      { id, position }: MessageOutput<"tabletmanagerdata.VReplicationWaitForPosRequest">,
      { signal }: Call,
    ) => {
      await engine.waitForPosition(id, position, signal);
      return {};
    },
    PrimaryPosition: primaryPosition(state),
    MasterPosition: primaryPosition(state),
    WaitForPosition: waitForPosition(state),
    VDiff: vdiff(vdiffs),
    ReadVReplicationWorkflow: readWorkflow(state),
    ReadVReplicationWorkflows: readWorkflows(state),
    UpdateVReplicationWorkflow: updateWorkflow(state, engine),
  };
  const present = Object.entries(methods).filter(([name]) => !state.profile.missingRpcs.includes(name));
  return Object.fromEntries(
    present.map(([name, method]) => [name, managed(state, name, method as UnaryMethod<unknown, unknown>)]),
  );
}
