import { type References, type SettingName, settingNames, spelling } from "../../access/settings.js";
import type { Context } from "../../context.js";
import type { Step } from "../../plan.js";
import type { MountedCluster } from "./show.js";

/** What becomes of a mount's references: they are written down, or what was known of an older mount of the name is forgotten. */
export async function rememberSteps(
  ctx: Context,
  { name, ...config }: MountedCluster,
  references: References,
): Promise<Step[]> {
  const { access } = ctx;
  const given = namesOf(references);
  if (given.length > 0) {
    return [
      {
        describe: `Remember how ${name} is reached, in ${access.path ?? "no file"}`,
        details: given.map((setting) => `-${spelling(setting, "mount")} ${references[setting]}`),
        apply: () => access.rememberMount(name, config, references),
      },
    ];
  }
  return forgetSteps(ctx, name);
}

/** Nothing where nothing is known. */
export async function forgetSteps({ access }: Context, name: string): Promise<Step[]> {
  if (!(await access.remembers(name))) return [];
  return [{ describe: `Forget how ${name} is reached, in ${access.path}`, apply: () => access.forgetMount(name) }];
}

/**
 * What a user should know after Mount: where this is remembered, and which of it the target's tablets have to be told by
 * their own flags, as they open the mount themselves. Vitess has one set for both clusters (v18 and v22:
 * go/vt/topo/etcd2topo/server.go, go/vt/vttablet/grpctabletconn/conn.go).
 */
export function notesOf(path: string | undefined, name: string, references: References): string[] {
  const given = namesOf(references);
  if (given.length === 0) return [];
  const flags = [
    ...(given.some((setting) => /^topo(Ca|Cert)$/.test(setting)) ? ["--topo_etcd_tls_ca, _cert and _key"] : []),
    ...(given.some((setting) => /^(manager|tablet)/.test(setting)) ? ["--tablet_grpc_ca, _cert and _key"] : []),
    ...(given.includes("staticClientCreds") ? ["--grpc_auth_static_client_creds"] : []),
  ];
  return [
    `How ${name} is reached is remembered in ${path}: names of files and variables, no password.`,
    ...(flags.length > 0
      ? [
          `The target's tablets open ${name} themselves, by flags of their own that serve both clusters: ${flags.join("; ")}. Migrate's preflight tries whether they can.`,
        ]
      : []),
    ...(given.includes("topoUsername")
      ? ["A vttablet has no flag for a user of etcd: the source's etcd must let the target's tablets in otherwise."]
      : []),
  ];
}

function namesOf(references: References): SettingName[] {
  return settingNames.filter((setting) => references[setting] !== undefined);
}
