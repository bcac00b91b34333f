import { create } from "./subjects.js";
import { faultsOf } from "./suite.js";

faultsOf(create);
