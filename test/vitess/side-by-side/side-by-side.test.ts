/** Every line of the tables, typed to vtctlclient and to vtmigrate. */
import { sideBySide } from "./suite.js";
import { tables } from "./tables/index.js";

for (const table of tables) sideBySide(table);
