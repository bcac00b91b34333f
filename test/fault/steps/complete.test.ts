import { complete, completeTwo } from "./subjects.js";
import { faultsOf } from "./suite.js";

faultsOf(complete);
faultsOf(completeTwo);
