import { ConflictError } from "../errors.js";
import type { TabletSecurity } from "../net/security.js";
import type { TopoConfig } from "../topo/port.js";
import { changeContextFile, contextFilePath, readContextFile } from "./context-file.js";
import type { ContextEntry, ContextFile, MountEntry } from "./contexts.js";
import { absolute, environmentLevel, fromFile, type Level, merge } from "./level.js";
import { readSecurity, type Security } from "./security.js";
import type { References } from "./settings.js";
import { addressVariables, type GivenConnection, resolveTarget, type Surroundings, type Target } from "./target.js";

/**
 * How the target cluster and the clusters that are mounted in it are reached: from the flags, the environment and the
 * user's contexts. What a setting refers to is read when its cluster is opened, and once.
 */
export class Access {
  readonly path: string;
  private around: Promise<Surroundings> | undefined;
  private readonly known = new Map<string, Promise<Security>>();
  /** Of clusters that were opened, by the mount's name; "" is the target. */
  private readonly tabletsOf = new Map<string, TabletSecurity>();

  constructor(
    readonly given: GivenConnection,
    readonly env: NodeJS.ProcessEnv,
    /** What relative names of files count from. */
    readonly cwd: string,
  ) {
    this.path = contextFilePath(env);
  }

  /** What the user's file says. UsageError as readContextFile. */
  async contexts(): Promise<ContextFile> {
    return (await this.surroundings()).file;
  }

  /** FailedError when the file can't be written. */
  async changeContexts(change: (file: ContextFile) => void): Promise<void> {
    await changeContextFile(this.path, change);
    this.around = undefined;
  }

  /** Variables that are set and win over what a context says of the topology's address. */
  winningVariables(): string[] {
    return addressVariables.filter((name) => this.env[name]);
  }

  /** UsageError as resolveTarget. */
  async target(): Promise<Target> {
    return resolveTarget(this.given, await this.surroundings());
  }

  /** UsageError as readSecurity. */
  async targetSecurity(): Promise<Security> {
    return this.once("", async () => readSecurity((await this.target()).level, "target", this.env));
  }

  /**
   * From what Mount was given once, and the environment's VTMIGRATE_SOURCE_*. ConflictError when the mount leads to
   * another address than it was given for: its new owner must not get a password.
   */
  async mountSecurity(mount: string, { server }: TopoConfig): Promise<Security> {
    return this.once(mount, async () => {
      const entry = await this.mountEntry(mount);
      if (entry !== undefined && entry.server !== server) {
        throw new ConflictError(
          `mount ${mount} leads to ${server}, and what is known for it was given for ${entry.server}`,
          {
            hint: `If that is right, give it anew: "vtmigrate Mount -topo_server ${server} ... ${mount}".`,
          },
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
    return this.tabletsOf.get(mount) ?? {};
  }

  /** Whether something is remembered of a mount. */
  async remembers(mount: string): Promise<boolean> {
    return (await this.mountEntry(mount)) !== undefined;
  }

  /**
   * Writes into the target's context what a mount was given, in place of what was known. A topology that has no context
   * gets one, named after its address. FailedError when the file can't be written.
   */
  async rememberMount(mount: string, server: string, references: References): Promise<void> {
    const { config, context = config.server } = await this.target();
    const { server: topology, root } = config;
    const entry: MountEntry = { server, references: absolute(references, this.cwd) };
    await this.changeContexts(({ contexts }) => {
      const known: ContextEntry = contexts.get(context) ?? {
        server: topology,
        root,
        references: {},
        mounts: new Map(),
      };
      contexts.set(context, known);
      known.mounts.set(mount, entry);
    });
  }

  /** Nothing happens when nothing is known of it. */
  async forgetMount(mount: string): Promise<void> {
    if (!(await this.remembers(mount))) return;
    const { context = "" } = await this.target();
    await this.changeContexts(({ contexts }) => void contexts.get(context)?.mounts.delete(mount));
  }

  private async mountEntry(mount: string): Promise<MountEntry | undefined> {
    const { context = "" } = await this.target();
    return (await this.surroundings()).file.contexts.get(context)?.mounts.get(mount);
  }

  private readMount({ flags = {}, entry }: { flags?: References; entry?: MountEntry | undefined }): Promise<Security> {
    const levels: Level[] = [{ references: flags }, environmentLevel(this.env, "mount")];
    const here = levels.map((level) => ({ ...level, references: absolute(level.references, this.cwd) }));
    return readSecurity(
      merge([...here, ...(entry === undefined ? [] : [fromFile(entry, this.path)])]),
      "mount",
      this.env,
    );
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
    const { env, cwd, path } = this;
    this.around ??= readContextFile(path).then((file) => ({ env, cwd, path, file }));
    return this.around;
  }
}
