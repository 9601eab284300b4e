import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openDatabase, type Database } from '../../src/database/database.ts';
import { registerModels } from '../../src/database/models.ts';
import { explainsPlans, noteQueries, planOf, type SentQuery } from '../support/query-plans.ts';
import { REPOSITORY_CALLS } from '../support/repository-calls.ts';
import { openTestEnvironment, type TestEnvironment } from '../support/test-environment.ts';
import { insertVideos, videoRecord } from '../support/video-records.ts';

/** Collections that grow with the archive; the others have some hundred records, and are read whole. */
const LARGE = ['videos', 'logs', 'playlist_items', 'documents', 'audit'];

/**
 * Queries that read everything, or sort what they find in memory, and why that is bounded. A reading of everything is nowhere in the
 * way of a page, a metric or a job.
 */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'documents.revisions': 'the few revisions of one document are sorted',
  'documents.totalsBySource': 'the daily report and the end of `collect` count all documents',
  'documents.totals': 'counted when a run begins and ends',
  'search.countArchived': 'an export counts what it will write, for its progress',
  'search.countByStatus': 'a person is asked about all videos that match',
  'search.countUpTo': 'counts up to a limit, or all that a person is about to change',
  'search.find': 'an export writes all videos that have a word in their title',
  'scan.isEmpty': 'ends with the first record',
  'playlistContents.settingsFor': 'the few playlists that contain one video are sorted',
  'audioTotals.count': 'reads all videos in slices, in the order of an index',
  'audioTotals.renew': 'the same',
};

interface NotedQuery extends SentQuery {
  /** Such as `backlog.first`. */
  readonly by: string;
}

let environment: TestEnvironment;
let database: Database;
const noted: NotedQuery[] = [];

beforeAll(async () => {
  environment = await openTestEnvironment();
  const url = new URL(environment.config.mongo.url);
  url.searchParams.set('monitorCommands', 'true');
  database = await openDatabase({ ...environment.config.mongo, url: url.href }, 'plans');
  const error = { class: 'private', message: 'No.', advice: '', stage: 'download', at: new Date() } as const;
  await insertVideos(environment.database, [
    videoRecord(1, { title: 'Old' }),
    videoRecord(2),
    videoRecord(3, { status: 'skipped', skip_reason: 'ignored', skip: { operation: 'op', error } }),
    videoRecord(4),
    videoRecord(5, { status: 'failed', error }),
  ]);
  let by = '';
  noteQueries(database.connection, (query) => noted.push({ ...query, by }));
  for (const [name, calls] of Object.entries(REPOSITORY_CALLS)) {
    for (const [method, call] of Object.entries(calls)) {
      by = `${name}.${method}`;
      await (call as (repository: unknown) => unknown)(database[name as keyof Database]);
    }
  }
}, 120_000);
afterAll(async () => {
  await database.close();
  await environment.close();
});

test('every method that asks for records is called here', () => {
  const missing = Object.entries(REPOSITORY_CALLS).flatMap(([name, calls]) => {
    const repository: unknown = database[name as keyof Database];
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(repository)).slice(1);
    return methods.filter((method) => !(method in calls)).map((method) => `${name}.${method}`);
  });
  expect(missing).toEqual([]);
  expect(noted.length).toBeGreaterThan(100);
});

test('every query of a large collection reads a range of an index, in its order', () => {
  const indexes = new Map(
    Object.values(registerModels(environment.database.connection)).map((model) => [
      model.collection.collectionName,
      [['_id'], ...model.schema.indexes().map(([fields]) => Object.keys(fields))],
    ]),
  );
  const others = noted
    .filter(({ collection, by }) => LARGE.includes(collection) && EXCEPTIONS[by] === undefined)
    .flatMap((query) => {
      const plan = planOf(query, indexes.get(query.collection) ?? []);
      const { by, command, collection, filter, sort } = query;
      return plan === 'index'
        ? []
        : [`${by}: ${plan}: ${command} ${collection} ${JSON.stringify([filter, sort])}`];
    });
  expect([...new Set(others)]).toEqual([]);
});

test.each([
  ['a range', { status: 'a', at: { $gt: 1 } }, [], false, 'index'],
  ['a range in its order', { status: 'a' }, [['at', -1]], true, 'index'],
  ['some values, merged', { status: { $in: ['a', 'b'] } }, [['at', 1]], true, 'index'],
  ['another order', { status: 'a' }, [['title', 1]], true, 'sorted'],
  ['a range, then another order', { status: { $gt: 'a' } }, [['at', 1]], true, 'sorted'],
  [
    'two directions',
    { status: 'a' },
    [
      ['at', 1],
      ['_id', -1],
    ],
    true,
    'sorted',
  ],
  ['no field of an index', { title: 'a' }, [], true, 'all'],
  ['not the first field', { at: 1 }, [], true, 'all'],
  ['what is not equal', { status: { $ne: 'a' } }, [], true, 'all'],
  ['a walk to a limit', {}, [['status', 1]], true, 'index'],
  ['a walk to the end', {}, [['status', 1]], false, 'all'],
  ['one of two, both with an index', { $or: [{ status: 'a' }, { _id: 'x' }] }, [], false, 'index'],
  ['one of two, one without', { $or: [{ status: 'a' }, { title: 'x' }] }, [], false, 'all'],
  ['parts', { $and: [{ title: 'x' }, { status: 'a' }] }, [], false, 'index'],
] as const)('%s', (_name, filter, sort, hasLimit, plan) => {
  const query = { collection: 'c', command: 'find', filter, sort, hasLimit, explained: undefined };
  expect(planOf(query, [['_id'], ['status', 'at', '_id']])).toBe(plan);
});

const on = (await explainsPlans()) ? test : test.skip;

on('a server that explains its plans says so, too (mongo-java-server has no explain)', async () => {
  const wrong: string[] = [];
  for (const { by, collection, explained } of noted) {
    if (explained === undefined || !LARGE.includes(collection) || EXCEPTIONS[by] !== undefined) continue;
    const command = { explain: explained, verbosity: 'queryPlanner' };
    const plan = JSON.stringify(await environment.database.connection.db?.command(command));
    if (plan.includes('"COLLSCAN"') || plan.includes('"SORT"')) wrong.push(`${by}: ${plan}`);
  }
  expect(wrong).toEqual([]);
});
