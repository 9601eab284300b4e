import type { Connection } from 'mongoose';
import { openDatabase } from '../../src/database/database.ts';
import { openTestEnvironment } from './test-environment.ts';

/** A query, or the filter of a change, as it was sent to the server. */
export interface SentQuery {
  readonly collection: string;
  /** `find`, `aggregate`, `count`, `update`, `delete`, `findAndModify`, `distinct`. */
  readonly command: string;
  readonly filter: Filter;
  /** In its order; empty without one. */
  readonly sort: readonly (readonly [field: string, direction: number])[];
  readonly hasLimit: boolean;
  /** The whole command, for the server's own `explain`; undefined for changes. */
  readonly explained: Readonly<Record<string, unknown>> | undefined;
}

type Filter = Readonly<Record<string, unknown>>;
type Index = readonly string[];

/**
 * How a server with these indexes can answer: `index`: from a range of one, in its order; `sorted`: from a range, and sorted in memory;
 * `all`: only by reading everything.
 */
export type Plan = 'index' | 'sorted' | 'all';

/** Commands and how their parts are called. */
const FILTERS: Readonly<
  Record<string, (command: Filter) => readonly Omit<SentQuery, 'collection' | 'command'>[]>
> = {
  find: (command) => [read(command, command['filter'], command['sort'], command['limit'])],
  count: (command) => [read(command, command['query'], undefined, command['limit'])],
  distinct: (command) => [read(command, command['query'], undefined, undefined)],
  findAndModify: ({ query, sort }) => [change(query, sort)],
  update: ({ updates }) => listOf(updates).map((update) => change(update['q'])),
  delete: ({ deletes }) => listOf(deletes).map((each) => change(each['q'])),
  aggregate: (command) => [fromPipeline(command)],
};

/** Notes every query of a connection that was opened with `monitorCommands`. */
export function noteQueries(connection: Connection, onQuery: (query: SentQuery) => void): void {
  connection.getClient().on('commandStarted', ({ commandName, command }) => {
    const collection = String(command[commandName]);
    for (const query of FILTERS[commandName]?.(command) ?? []) {
      onQuery({ ...query, collection, command: commandName });
    }
  });
}

/** Whether the server explains its plans; mongo-java-server, the stand-in, does not. */
export async function explainsPlans(): Promise<boolean> {
  const environment = await openTestEnvironment();
  const database = await openDatabase(environment.config.mongo, 'explain');
  try {
    await database.connection.model('Video').find({}).explain('queryPlanner');
    return true;
  } catch {
    return false;
  } finally {
    await database.close();
    await environment.close();
  }
}

/** @param indexes the fields of each, in their order */
export function planOf({ filter, sort, hasLimit }: SentQuery, indexes: readonly Index[]): Plan {
  const plans = branchesOf(filter).map((constraints) => {
    const possible = indexes.map((index) => planWith(index, constraints, sort, hasLimit));
    return possible.includes('index') ? 'index' : possible.includes('sorted') ? 'sorted' : 'all';
  });
  if (plans.includes('all')) return 'all';
  return plans.includes('sorted') ? 'sorted' : 'index';
}

type Constraint = 'equal' | 'range';
type Constraints = ReadonlyMap<string, Constraint>;

/** The constraints of a filter; one for each branch of an `$or` that nothing beside it limits. */
function branchesOf(filter: Filter): Constraints[] {
  const own = new Map<string, Constraint>();
  const choices: Constraints[][] = [];
  for (const [field, value] of Object.entries(filter)) {
    if (field === '$and') {
      for (const part of listOf(value)) choices.push(branchesOf(part));
    } else if (field === '$or') {
      choices.push(listOf(value).flatMap(branchesOf));
    } else {
      const constraint = constraintOf(value);
      if (constraint !== undefined) own.set(field, constraint);
    }
  }
  return choices.reduce<Constraints[]>(
    (branches, choice) =>
      choice.length === 0
        ? branches
        : branches.flatMap((branch) => choice.map((added) => new Map([...added, ...branch]))),
    [own],
  );
}

/** What limits a range of an index; undefined for conditions such as `$ne` and patterns. */
function constraintOf(value: unknown): Constraint | undefined {
  if (!isOperators(value)) return 'equal';
  const operators = Object.keys(value);
  if (operators.some((name) => ['$eq', '$in'].includes(name))) return 'equal';
  return operators.some((name) => ['$gt', '$gte', '$lt', '$lte'].includes(name)) ? 'range' : undefined;
}

function planWith(index: Index, constraints: Constraints, sort: SentQuery['sort'], hasLimit: boolean): Plan {
  const [first] = index;
  const isOrdered = isInOrder(index, constraints, sort);
  if (first !== undefined && constraints.has(first)) return isOrdered ? 'index' : 'sorted';
  // A walk in the order of the index that ends with the limit.
  return sort.length > 0 && isOrdered && hasLimit ? 'index' : 'all';
}

/** Whether an index is in the order of a sort, leaving out fields that have one value, or a few whose ranges are merged. */
function isInOrder(index: Index, constraints: Constraints, sort: SentQuery['sort']): boolean {
  if (sort.length === 0) return true;
  const directions = new Set(sort.map(([, direction]) => direction));
  if (directions.size > 1) return false;
  const rest = sort.map(([field]) => field).filter((field) => constraints.get(field) !== 'equal');
  for (const field of index) {
    if (rest[0] === field) rest.shift();
    else if (constraints.get(field) !== 'equal') break;
  }
  // Every index ends with the place of the record, and `_id` decides among equal ones only.
  return rest.length === 0;
}

function fromPipeline(command: Filter): Omit<SentQuery, 'collection' | 'command'> {
  const stages = listOf(command['pipeline']);
  const ends = stages.findIndex((stage) => !('$match' in stage || '$sort' in stage || '$limit' in stage));
  // What follows a limit is not the server's to find.
  const leading = ends === -1 ? stages : stages.slice(0, ends);
  const limitAt = leading.findIndex((stage) => '$limit' in stage);
  const found = limitAt === -1 ? leading : leading.slice(0, limitAt);
  const filter = { $and: found.flatMap((stage) => ('$match' in stage ? [stage['$match']] : [])) };
  const sort = found.find((stage) => '$sort' in stage)?.['$sort'];
  return read(command, filter, sort, limitAt === -1 ? undefined : 1);
}

function read(command: Filter, filter: unknown, sort: unknown, limit: unknown) {
  const explained = Object.fromEntries(
    Object.entries(command).filter(([name]) => name !== 'lsid' && !name.startsWith('$')),
  );
  return { ...change(filter, sort), hasLimit: limit !== undefined && limit !== 0, explained };
}

function change(filter: unknown, sort?: unknown) {
  const entries = sort instanceof Map ? [...sort] : Object.entries((sort ?? {}) as Filter);
  return {
    filter: (filter ?? {}) as Filter,
    sort: entries.map(([field, direction]) => [String(field), Number(direction)] as const),
    // One record at most.
    hasLimit: true,
    explained: undefined,
  };
}

function listOf(value: unknown): Filter[] {
  return Array.isArray(value) ? (value as Filter[]) : [];
}

function isOperators(value: unknown): value is Filter {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    Object.keys(value).some((name) => name.startsWith('$'))
  );
}
