import { tabletContract } from "../../contract/tablet.contract.js";
import { describeVitess } from "../lab.js";
import { realTablets } from "./tablets.js";

describeVitess("tablets of a real Vitess", (lab) => tabletContract(() => realTablets(lab)));
