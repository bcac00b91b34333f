import { type OptionSpec, text } from "../cli/command.js";
import { type Owner, type References, type SettingName, settingNames, settings, spelling } from "./settings.js";

/** The settings as flags: of every command for the target, of Mount for a mount. */
export function securityOptions(owner: Owner): Record<SettingName, OptionSpec<string>> {
  const options = settingNames.map((name) => [
    name,
    text(settings[name].summary, "", { spelling: spelling(name, owner), hidden: isRare(name, owner) }),
  ]);
  return Object.fromEntries(options) as Record<SettingName, OptionSpec<string>>;
}

/** All of them stand in `help connection`; Mount's own help has those that a mount usually needs. */
function isRare(name: SettingName, owner: Owner): boolean {
  return owner === "target" || name.startsWith("manager");
}

/** What was typed of them. */
export function typedReferences(options: Readonly<Record<SettingName, string>>): References {
  const references: References = {};
  for (const name of settingNames) if (options[name] !== "") references[name] = options[name];
  return references;
}
