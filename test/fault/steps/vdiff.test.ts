import { vdiff } from "./subjects.js";
import { faultsOf } from "./suite.js";

faultsOf(vdiff);
