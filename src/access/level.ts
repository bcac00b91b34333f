import { isAbsolute, resolve } from "node:path";
import {
  isFile,
  type Owner,
  passwordTwin,
  type References,
  type SettingName,
  settingNames,
  spelling,
  twin,
} from "./settings.js";

/** What one place says: the flags, the environment, or a context of the user's file. */
export interface Level {
  references: References;
  /** The password of the etcds' user itself, where it stands there. */
  password?: string | undefined;
}

const passwordNames: readonly SettingName[] = ["topoPasswordFile", "topoPasswordEnv"];

/** What the environment says of the target, or of whatever mount is opened. Empty variables say nothing. */
export function environmentLevel(env: NodeJS.ProcessEnv, owner: Owner): Level {
  const references: References = {};
  for (const name of settingNames) {
    const value = env[twin(spelling(name, owner))];
    if (value) references[name] = value;
  }
  return { references, password: env[passwordTwin[owner]] || undefined };
}

/** Each value from the first level that has it; of the ways to give a password only the first level's that has one. */
export function merge(levels: readonly Level[]): Level {
  const references: References = {};
  let password: string | undefined;
  let passwordKnown = false;
  for (const level of levels) {
    for (const name of settingNames) {
      if (!passwordNames.includes(name)) references[name] ??= level.references[name];
    }
    if (passwordKnown || !hasPassword(level)) continue;
    passwordKnown = true;
    password = level.password;
    for (const name of passwordNames) references[name] = level.references[name];
  }
  return { references: withoutAbsent(references), password };
}

/** Files' names as seen from everywhere. */
export function absolute(references: References, folder: string): References {
  const seen: References = {};
  for (const name of settingNames) {
    const value = references[name];
    if (value !== undefined) seen[name] = isFile(name) && !isAbsolute(value) ? resolve(folder, value) : value;
  }
  return seen;
}

/** What a place says whose names of files count from a folder: where a line was typed, or where the user's file is. */
export function seenFrom(folder: string, level: Level): Level {
  return { ...level, references: absolute(level.references, folder) };
}

function hasPassword({ references, password }: Level): boolean {
  return password !== undefined || passwordNames.some((name) => references[name] !== undefined);
}

function withoutAbsent(references: References): References {
  return Object.fromEntries(Object.entries(references).filter(([, value]) => value !== undefined));
}
