import { AuthError, UnreachableError, type VtmigrateError } from "../../errors.js";
import { interruption } from "../../interruption.js";
import { abortable } from "./abort.js";
import { EtcdClient, loggedIn, type Member } from "./client.js";
import { type Endpoint, parseEndpoints } from "./endpoint.js";
import { Code, detailsOf, fromEtcd, grpcCode, isAmbiguous } from "./errors.js";
import { authInterceptor } from "./interceptor.js";
import { loadEtcd3 } from "./library.js";
import { clientOptions, type EtcdOptions, isSecure, REQUEST_MS, tlsOf } from "./options.js";
import { describeUser } from "./permission.js";
import { probe } from "./probe.js";
import { Token } from "./token.js";

/** From the first packet to "this is an etcd", over all endpoints; the caller promises 10 s. */
const CONNECT_MS = 9_000;
const STATUS_MS = 1_500;

interface Candidate extends Member {
  endpoint: Endpoint;
  secure: boolean;
}

/**
 * Finds an endpoint that answers as an etcd, within 9 s. `key` is any key that we may read: that shows that the cluster
 * has a leader and that we are allowed in. UnreachableError and AuthError name each address and the layer that failed;
 * UsageError for an address that is none.
 */
export async function connectEtcd(
  server: string,
  key: string,
  options: EtcdOptions,
  signal?: AbortSignal,
): Promise<EtcdClient> {
  const endpoints = parseEndpoints(server);
  // The probes are under way while the library loads, which takes longer than they do.
  const probes = endpoints.map((endpoint) => settled(probe(endpoint, tlsOf(endpoint, options), signal)));
  const deadline = Date.now() + CONNECT_MS;
  const candidates = await built(endpoints, options, probes);
  const timeoutMs = options.timeoutMs ?? REQUEST_MS;
  try {
    const living = await firstLiving(candidates, probes, async (candidate) => {
      if (signal?.aborted) throw interruption(signal, candidate.where);
      const until = Math.min(Date.now() + timeoutMs, deadline - STATUS_MS);
      return ask(candidate, key, until, signal);
    });
    return new EtcdClient(candidates, living, timeoutMs);
  } catch (error) {
    for (const { etcd } of candidates) etcd.close();
    if (signal?.aborted) throw interruption(signal, `connecting to ${server}`);
    throw error;
  }
}

/** Files that are no certificates are found out here as well, and better explained by the probes. */
async function built(
  endpoints: Endpoint[],
  options: EtcdOptions,
  probes: Promise<VtmigrateError | undefined>[],
): Promise<Candidate[]> {
  try {
    return endpoints.map((endpoint) => candidate(endpoint, options));
  } catch (error) {
    throw (await Promise.all(probes)).find((failure) => failure !== undefined) ?? error;
  }
}

function candidate(endpoint: Endpoint, options: EtcdOptions): Candidate {
  const { Etcd3 } = loadEtcd3();
  const where = `etcd at ${endpoint.address}`;
  const token: Token = new Token(where, options.security?.login, (user, call) => etcd.auth.authenticate(user, call));
  const etcd = new Etcd3(clientOptions(endpoint, options, authInterceptor(token, describeUser(options.security))));
  return { endpoint, secure: isSecure(endpoint, options), where, etcd, token };
}

/** In the order in which the probes succeed, so that one dead endpoint costs no time. */
async function firstLiving(
  candidates: Candidate[],
  probes: Promise<VtmigrateError | undefined>[],
  ask: (candidate: Candidate) => Promise<VtmigrateError | undefined>,
): Promise<Candidate> {
  const pending = new Map(
    candidates.map((candidate, index) => [candidate, probes[index]?.then((failure) => ({ candidate, failure }))]),
  );
  const failures: VtmigrateError[] = [];
  while (pending.size > 0) {
    const probed = await Promise.race(pending.values());
    if (probed === undefined) break;
    pending.delete(probed.candidate);
    const failure = probed.failure ?? (await ask(probed.candidate));
    if (failure === undefined) return probed.candidate;
    failures.push(failure);
  }
  throw combine(failures);
}

/** Whether an etcd answers at a reachable endpoint; the error says what answers instead. */
async function ask(
  candidate: Candidate,
  key: string,
  until: number,
  signal?: AbortSignal,
): Promise<VtmigrateError | undefined> {
  const { where } = candidate;
  try {
    // An empty key would be refused.
    const range = { key: Buffer.from(key || "\0"), count_only: true };
    const answer = loggedIn(candidate, (etcd) => etcd.kv.range(range, { deadline: until }), until);
    await abortable(answer, signal, where);
    return undefined;
  } catch (error) {
    if (!isAmbiguous(error) || detailsOf(error).startsWith("etcdserver:")) return fromEtcd(error, where);
    const status = abortable(candidate.etcd.maintenance.status({ deadline: Date.now() + STATUS_MS }), signal, where);
    const answers = await status.then(
      () => true,
      // Without a leader nobody can log in, and an etcd 3.5 with users tells its status to users only.
      (refusal) => detailsOf(refusal).startsWith("etcdserver:"),
    );
    return answers ? noLeader(where, error) : notEtcd(candidate, error);
  }
}

function noLeader(where: string, cause: unknown): VtmigrateError {
  return new UnreachableError(`${where} answers, but does not serve reads: its cluster has no leader`, { cause });
}

function notEtcd({ endpoint, secure }: Candidate, cause: unknown): VtmigrateError {
  const silent = grpcCode(cause) === Code.DEADLINE_EXCEEDED;
  if (secure && !silent) {
    // The connection that was tried first was opened: what keeps grpc-js from it is in its own words only.
    const why = /Last error: (?:Error: )?(.*?)\. Resolution note/.exec(detailsOf(cause))?.[1];
    const what = why === undefined ? "the server hung up after the TLS handshake" : `no TLS connection: ${why}`;
    return new AuthError(`cannot reach etcd at ${endpoint.address}: ${what} (TLS)`, {
      hint: "Is it the client port of an etcd?",
      at: { address: endpoint.address, layer: "TLS" },
      cause,
    });
  }
  const behaviour = silent ? "accepts connections but never answers" : "does not speak etcd's protocol";
  return new UnreachableError(`cannot reach etcd at ${endpoint.address}: the server there ${behaviour} (gRPC)`, {
    hint: "Is it the client port of an etcd, without TLS unless TLS files are given?",
    at: { address: endpoint.address, layer: "RPC" },
    cause,
  });
}

/** One endpoint's failure as it is; of several, each one's sentence. One that refuses us is what can be done something about. */
function combine(failures: VtmigrateError[]): VtmigrateError {
  const refusals = failures.filter((failure) => failure instanceof AuthError);
  // Who got further than TLS is the one to tell what is missing.
  const refusal = refusals.find(({ at }) => at?.layer !== "TLS") ?? refusals[0];
  const main = refusal ?? failures[0];
  if (main !== undefined && failures.length === 1) return main;
  const [Kind, what] = refusal === undefined ? [UnreachableError, "answers"] : [AuthError, "takes us"];
  return new Kind(`no etcd endpoint ${what}: ${failures.map((failure) => failure.message).join("; ")}`, {
    hint: main?.hint,
    at: main?.at,
    cause: main,
  });
}

function settled(outcome: Promise<void>): Promise<VtmigrateError | undefined> {
  return outcome.then(
    () => undefined,
    (error) => error,
  );
}
