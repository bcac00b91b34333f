import { bytes } from "./bytes.js";
import { definitions } from "./definitions.js";
import type { Hazard } from "./hazard.js";
import { keyless } from "./keyless.js";
import { keys } from "./keys.js";
import { numbers } from "./numbers.js";
import { texts } from "./texts.js";
import { times } from "./times.js";

export const hazards: readonly Hazard[] = [
  ...numbers,
  ...texts,
  ...bytes,
  ...times,
  ...keys,
  ...keyless,
  ...definitions,
];
