import { cancel } from "./subjects.js";
import { faultsOf } from "./suite.js";

faultsOf(cancel);
