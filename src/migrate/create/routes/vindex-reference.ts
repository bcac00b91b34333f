import { validateVSchema } from "../../../vschema/validate.js";
import {
  bestColumnVindex,
  type ColumnVindexChoice,
  type KeyspaceVSchema,
  ownEntry,
} from "../../../vschema/vindex-choice.js";
import {
  isBareType,
  sameVindexFunction,
  type VindexFunction,
  vindexFunctionKey,
} from "../../../vschema/vindex-identity.js";
import { paramProblem } from "../../../vschema/vindex-params.js";
import { vindexTypes } from "../../../vschema/vindex-types.js";
import type { MessageOutput } from "../../../wire/proto.js";

/** What the tablets of one source cell resolve vindexes by. */
export interface CellVSchema {
  cell: string;
  vschema: MessageOutput<"vschema.SrvVSchema">;
}

/**
 * How a filter names a vindex: by `name` ("commerce.hash", or a bare type), or not at all, where the source's
 * own table has it: in_keyrange('-80').
 */
export type VindexReference = { name: string } | { own: true };

export interface ReferenceFinder {
  /**
   * A reference that resolves to this vindex in every source cell; undefined when there is none. Without `table`
   * the table's own vindex is no candidate.
   */
  find(wanted: VindexFunction, table?: { name: string; columns: string[] }): VindexReference | undefined;
  /** The cells in whose SrvVSchema the source keyspace declares such a vindex. */
  cellsWith(wanted: VindexFunction): string[];
}

/**
 * Filters run in the source cluster, whose tablets look a vindex up in their own cell's SrvVSchema
 * (go/vt/vttablet/tabletserver/vstreamer/local_vschema.go and go/vt/vtgate/vindexes/vschema.go, FindVindex, v11
 * to v22): the target's names mean nothing there. Tried in this order: a vindex of the source keyspace, one of
 * another keyspace, the bare type, the table's own vindex.
 */
export function referenceFinder(keyspace: string, cells: CellVSchema[]): ReferenceFinder {
  const named = new Map<string, VindexReference | undefined>();
  const views = cells.map(({ vschema }) => new CellView(vschema, keyspace));

  function findNamed(wanted: VindexFunction): VindexReference | undefined {
    const key = vindexFunctionKey(wanted);
    if (!named.has(key)) named.set(key, byName(views, keyspace, wanted) ?? byType(views, wanted));
    return named.get(key);
  }

  return {
    find(wanted, table) {
      if (!isStreamable(wanted.type)) return undefined;
      const found = findNamed(wanted);
      if (found !== undefined || table === undefined || views.length === 0) return found;
      const owned = views.every((view) => isOwn(view.best(table.name), wanted, table.columns));
      return owned ? { own: true } : undefined;
    },
    cellsWith: (wanted) =>
      cells.flatMap(({ cell }, index) => (views[index]?.names(keyspace, wanted).length ? [cell] : [])),
  };
}

/** vstreamers refuse vindexes that aren't unique, and have nothing to look others up with. */
function isStreamable(type: string): boolean {
  const known = vindexTypes.get(type);
  return known?.unique === true && !known.lookup;
}

function byName(views: CellView[], keyspace: string, wanted: VindexFunction): VindexReference | undefined {
  const [first, ...others] = views;
  if (first === undefined) return undefined;
  const keyspaces = [keyspace, ...first.keyspaces().filter((name) => name !== keyspace)];
  for (const candidate of keyspaces) {
    const name = first
      .names(candidate, wanted)
      .find((each) => others.every((view) => view.names(candidate, wanted).includes(each)));
    if (name !== undefined) return { name: `${candidate}.${name}` };
  }
  return undefined;
}

/** A bare name is looked for in all keyspaces first; in none, the type itself is made, without parameters. */
function byType(views: CellView[], wanted: VindexFunction): VindexReference | undefined {
  if (!isBareType(wanted)) return undefined;
  const resolves = views.every((view) => {
    const declared = view.declared(wanted.type);
    return declared.length === 0 || (declared.length === 1 && declared.every((one) => sameVindexFunction(one, wanted)));
  });
  return resolves ? { name: wanted.type } : undefined;
}

function isOwn(own: ColumnVindexChoice | undefined, wanted: VindexFunction, columns: string[]): boolean {
  if (own === undefined || !sameVindexFunction(own, wanted)) return false;
  return sameColumns(own.columns, columns);
}

/** Column names don't know upper from lower case. */
export function sameColumns(a: string[], b: string[]): boolean {
  return a.length === b.length && a.every((column, index) => column.toLowerCase() === b[index]?.toLowerCase());
}

/** One cell's SrvVSchema as its tablets see it. */
class CellView {
  readonly #vschema: MessageOutput<"vschema.SrvVSchema">;
  readonly #keyspace: string;
  readonly #tablesBuild: boolean;

  constructor(vschema: MessageOutput<"vschema.SrvVSchema">, keyspace: string) {
    this.#vschema = vschema;
    this.#keyspace = keyspace;
    const own = ownEntry(vschema.keyspaces, keyspace);
    this.#tablesBuild = own !== undefined && isValid(own);
  }

  keyspaces(): string[] {
    return Object.keys(this.#vschema.keyspaces).sort();
  }

  /** The names, sorted, by which a keyspace declares such a vindex; without dots, at which references are split. */
  names(keyspace: string, wanted: VindexFunction): string[] {
    const vindexes = ownEntry(this.#vschema.keyspaces, keyspace)?.vindexes ?? {};
    // A vindex that can't be made ends the building of the keyspace, at a random place among its vindexes.
    if (keyspace.includes(".") || !Object.entries(vindexes).every(([name, one]) => isConstructible(name, one)))
      return [];
    return Object.entries(vindexes)
      .filter(([name, one]) => !name.includes(".") && sameVindexFunction(one, wanted))
      .map(([name]) => name)
      .sort();
  }

  /** What a bare name may mean: keyspaces that want explicit routing keep their vindexes to themselves. */
  declared(name: string): VindexFunction[] {
    return Object.values(this.#vschema.keyspaces).flatMap((keyspace) => {
      const vindex = keyspace.require_explicit_routing ? undefined : ownEntry(keyspace.vindexes, name);
      return vindex === undefined ? [] : [vindex];
    });
  }

  /** The best vindex of a table of the source keyspace, if tables of the keyspace can be found at all. */
  best(table: string): ColumnVindexChoice | undefined {
    const keyspace = ownEntry(this.#vschema.keyspaces, this.#keyspace);
    return keyspace === undefined || !this.#tablesBuild ? undefined : bestColumnVindex(keyspace, table).found;
  }
}

function isConstructible(name: string, { type, params }: VindexFunction): boolean {
  // A type that we don't know may be a newer Vitess's.
  return !vindexTypes.has(type) || paramProblem(type, name, params) === undefined;
}

function isValid(keyspace: KeyspaceVSchema): boolean {
  try {
    validateVSchema(keyspace);
    return true;
  } catch {
    return false;
  }
}
