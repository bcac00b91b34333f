import { InterruptedError, VtmigrateError } from "../../errors.js";
import type { Tablet, TabletClients } from "../../tablet/port.js";
import { noteSilence, wasSilent } from "../../tablet/silence.js";
import type { Tried } from "./check.js";

/** A tablet that is there answers in a few milliseconds, and one far away in a few hundred. */
const ANSWER_MS = 3_000;
/** One that didn't a moment ago is not waited for as long. */
const AGAIN_MS = 1_000;

/**
 * Whether a tablet answers: a connection to its gRPC port, and then the cheapest call, each within 3 s. `tried` names the
 * layer that failed. Throws for an interruption only.
 */
export async function askTablet(
  tablet: Tablet,
  clients: TabletClients,
  signal: AbortSignal,
): Promise<{ tried: Tried; error: VtmigrateError | undefined }> {
  const { alias, grpcAddress: address } = tablet.record;
  const what = `tablet ${alias}`;
  const options = { timeoutMs: wasSilent(clients, tablet.record) ? AGAIN_MS : ANSWER_MS, signal };
  try {
    await tablet.dial(options);
    await tablet.ping(options);
    return { tried: { what, address, layer: "RPC", answered: true }, error: undefined };
  } catch (error) {
    if (!(error instanceof VtmigrateError) || error instanceof InterruptedError || signal.aborted) throw error;
    noteSilence(clients, tablet.record);
    const layer = error.at?.layer ?? "RPC";
    return { tried: { what, address, layer, answered: false, reason: whyNot(error) }, error };
  }
}

/** Who, where and at which layer is told beside it. */
function whyNot({ message }: VtmigrateError): string {
  return message.replace(/^tablet \S+ at \S+?(?: doesn't answer| refused)?: /, "").replace(/ \(TLS\)$/, "");
}
