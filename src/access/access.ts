import { dirname } from "node:path";
import { hideUserInfo } from "../credentials.js";
import { ConflictError } from "../errors.js";
import type { TabletSecurity } from "../net/security.js";
import type { TopoConfig } from "../topo/port.js";
import { isOf } from "./address.js";
import { changeContextFile, contextFilePath, readContextFile } from "./context-file.js";
import type { ContextFile, MountEntry } from "./contexts.js";
import { absolute, environmentLevel, merge, seenFrom } from "./level.js";
import { forgetMount, rememberMount } from "./remembered-mounts.js";
import { readSecurity, type Security } from "./security.js";
import type { References } from "./settings.js";
import { addressVariables, type GivenConnection, resolveTarget, type Surroundings, type Target } from "./target.js";

/** What a command line is typed in. */
export interface Place {
  env: NodeJS.ProcessEnv;
  /** What relative names of files count from. */
  cwd: string;
  signal: AbortSignal;
}

/**
 * How the target cluster and the clusters that are mounted in it are reached: from the flags, the environment and the
 * user's contexts. What a setting refers to is read when its cluster is opened, and once.
 */
export class Access {
  /** Of the user's file; undefined for one without a home. */
  readonly path: string | undefined;
  private around: Promise<Surroundings> | undefined;
  private readonly known = new Map<string, Promise<Security>>();
  /** Of clusters that were opened, by the mount's name; "" is the target. */
  private readonly tabletsOf = new Map<string, TabletSecurity>();

  constructor(
    readonly given: GivenConnection,
    readonly place: Place,
  ) {
    this.path = contextFilePath(place.env);
  }

  /** What the user's file says. UsageError as readContextFile. */
  async contexts(): Promise<ContextFile> {
    return (await this.surroundings()).file;
  }

  /** Errors as changeContextFile. */
  async changeContexts(change: (file: ContextFile) => void): Promise<void> {
    await changeContextFile(this.path, change, this.place.signal);
    this.around = undefined;
  }

  /** Variables that are set and win over the current context. */
  winningVariables(): string[] {
    return addressVariables.filter((name) => this.place.env[name]);
  }

  /** UsageError as resolveTarget. */
  async target(): Promise<Target> {
    return resolveTarget(this.given, await this.surroundings());
  }

  /** UsageError as readSecurity. */
  async targetSecurity(): Promise<Security> {
    return this.once("", async () => readSecurity((await this.target()).level, "target", this.place.env));
  }

  /**
   * From what Mount was given once, and the environment's VTMIGRATE_SOURCE_*. ConflictError when the mount leads to
   * another topology than it was given for: its new owner must not get a password.
   */
  async mountSecurity(mount: string, { server, root }: TopoConfig): Promise<Security> {
    return this.once(mount, async () => {
      const entry = await this.mountEntry(mount);
      if (entry !== undefined && (entry.server !== server || !isOf(entry, { server, root }))) {
        throw new ConflictError(
          `mount ${mount} leads to ${hideUserInfo(server)} ${root}, and what is known for it was given for ${entry.server} ${entry.root}`,
          { hint: `If that is right, give it anew: "vtmigrate Mount -topo_server ... ${mount}".` },
        );
      }
      return this.readMount({ entry });
    });
  }

  /** The same with what is being given to Mount, which is remembered later. */
  async givenMountSecurity(mount: string, references: References): Promise<Security> {
    this.known.delete(mount);
    return this.once(mount, () => this.readMount({ flags: references }));
  }

  /** Of a cluster that has been opened: tablets are found in its topology. */
  tabletSecurity(mount: string): TabletSecurity {
    const security = this.tabletsOf.get(mount);
    if (security === undefined) throw new Error(`tablets of "${mount}" before its topology`);
    return security;
  }

  /** Whether something is remembered of a mount. */
  async remembers(mount: string): Promise<boolean> {
    return (await this.mountEntry(mount)) !== undefined;
  }

  /** Writes down, in place of what was known, what a mount was given. Errors as changeContextFile. */
  async rememberMount(mount: string, { server, root }: TopoConfig, references: References): Promise<void> {
    const target = await this.target();
    const entry = { server, root, references: absolute(references, this.place.cwd) };
    await this.changeContexts((file) => rememberMount(file, target, mount, entry));
  }

  /** Nothing happens when nothing is known of it. */
  async forgetMount(mount: string): Promise<void> {
    if (!(await this.remembers(mount))) return;
    const target = await this.target();
    await this.changeContexts((file) => forgetMount(file, target, mount));
  }

  private async mountEntry(mount: string): Promise<MountEntry | undefined> {
    const { context = "" } = await this.target();
    return (await this.surroundings()).file.contexts.get(context)?.mounts.get(mount);
  }

  private readMount({ flags = {}, entry }: { flags?: References; entry?: MountEntry | undefined }): Promise<Security> {
    const { env, cwd } = this.place;
    const levels = [seenFrom(cwd, { references: flags }), seenFrom(cwd, environmentLevel(env, "mount"))];
    if (entry !== undefined && this.path !== undefined) levels.push(seenFrom(dirname(this.path), entry));
    return readSecurity(merge(levels), "mount", env);
  }

  private async once(mount: string, read: () => Promise<Security>): Promise<Security> {
    const known = this.known.get(mount) ?? read();
    this.known.set(mount, known);
    known.catch(() => this.known.delete(mount));
    const security = await known;
    this.tabletsOf.set(mount, security.tablets);
    return security;
  }

  private surroundings(): Promise<Surroundings> {
    const { path } = this;
    const { env, cwd } = this.place;
    this.around ??= readContextFile(path).then((file) => ({ env, cwd, path, file }));
    return this.around;
  }
}
