/** Commands that only look: keyspaces, shards, tablets and their schema. */
import type { Case, Difference, Table } from "../case.js";
import { otherWords } from "../reasons.js";

const primary = "zone1-0000000200";

const refused: Difference = { in: ["exit", "stdout", "error"], because: "`GetKeyspaces` refuses arguments" };
const alone = otherWords("What isn't there is named alone");
const found: Difference = { in: ["stdout", "error"], because: "A keyspace that isn't there is not found" };

const cases: Case[] = [
  { line: "GetKeyspaces" },
  { line: "GetKeyspaces more words", differs: [refused] },
  { line: "FindAllShardsInKeyspace" },
  { line: "FindAllShardsInKeyspace commerce" },
  { line: "FindAllShardsInKeyspace shop" },
  { line: "FindAllShardsInKeyspace nope", differs: [alone] },
  { line: "FindAllShardsInKeyspace commerce shop" },
  { line: "ListAllTablets" },
  { line: "ListAllTablets zone1" },
  { line: "ListAllTablets nope", differs: [alone] },
  { line: "ListAllTablets zone1,nope" },
  { line: "ListAllTablets --keyspace shop" },
  { line: "ListAllTablets --keyspace nope" },
  { line: "ListAllTablets --tablet_type primary" },
  { line: "ListAllTablets --tablet_type replica" },
  { line: "ListAllTablets --tablet_type nope" },
  { line: "GetTablet" },
  { line: `GetTablet ${primary}` },
  { line: "GetTablet zone1-200" },
  { line: "GetTablet zone1-999" },
  { line: "GetTablet nope-200" },
  { line: "GetTablet zone1" },
  { line: "GetTablet zone1-200 zone1-210" },
  { line: "GetSchema" },
  { line: `GetSchema ${primary}` },
  { line: `GetSchema --table_names_only ${primary}` },
  { line: `GetSchema --table_sizes_only ${primary}` },
  { line: `GetSchema --table_schema_only ${primary}` },
  { line: `GetSchema --include-views ${primary}` },
  { line: `GetSchema --tables items,nope ${primary}` },
  { line: `GetSchema --tables /^it/ ${primary}` },
  { line: `GetSchema --exclude_tables items ${primary}` },
  { line: "GetSchema zone1-999", differs: [alone] },
  { line: "GetSchema nonsense" },
  { line: `GetSchema --nope ${primary}` },
  { line: "GetKeyspaces --nope", differs: [refused] },
  { line: "ValidateSchemaKeyspace" },
  { line: "ValidateSchemaKeyspace shop" },
  { line: "ValidateSchemaKeyspace commerce" },
  { line: "ValidateSchemaKeyspace nope", differs: [found] },
  { line: "ValidateSchemaKeyspace --include-views --exclude_tables items shop" },
];

export const lookTable: Table = { name: "Looking", cases };
