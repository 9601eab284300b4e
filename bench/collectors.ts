/**
 * How fast rows of GDELT are collected by the real kind and the real engine (listing, archive, checksums, rows,
 * fingerprints, upserts, checkpoints), compared with csv-parse alone over the same rows and with insertMany alone of the
 * same documents; and the memory in use. Needs the servers of `npm start`, or MONGO_URL in the environment.
 *
 *   npm run bench -- collectors [--rows=100000] [--json]
 */
import type { CollectedDocument } from '../src/database/collections/document.ts';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { GdeltUpstream } from '../local/upstreams/gdelt.ts';
import { generatedEvent } from '../local/upstreams/gdelt-events.ts';
import { startUpstreams } from '../local/upstreams/upstream.ts';
import { registrationOf, type ConfiguredSource } from '../src/collectors/configured-source.ts';
import { runSource } from '../src/collectors/engine/run-source.ts';
import { storedDocument } from '../src/collectors/engine/stored-document.ts';
import { gdelt } from '../src/collectors/kinds/gdelt.ts';
import { readEventRow, createEventFilter } from '../src/collectors/kinds/gdelt/event-row.ts';
import { slotAfter, slotTimeMs } from '../src/collectors/kinds/gdelt/slots.ts';
import { openDatabase } from '../src/database/database.ts';
import { createHttpClient } from '../src/runtime/http-client/create-http-client.ts';
import { createSilentLogger } from '../src/runtime/logger.ts';
import { createBenchConfig } from './support/bench-config.ts';
import { measure } from './support/measure.ts';

const { values } = parseArgs({
  options: { rows: { type: 'string', default: '100000' }, json: { type: 'boolean' } },
});
const isJson = values.json === true;
const rows = z.coerce.number().int().positive().parse(values.rows);
const ROWS_PER_SLOT = 1000;
const BATCH_SIZE = 500;
const slots = Math.ceil(rows / ROWS_PER_SLOT);
const newest = '20261121110000';
const before = slotAfter(newest, -slots);
const { name, config } = createBenchConfig();
/** The state of a run that ended before the first slot. */
const STATE = { english: { newest: before, pending: [], gaps: [] } };
const source: ConfiguredSource = {
  id: 'gdelt',
  kind: 'gdelt',
  label: 'GDELT',
  enabled: true,
  schedule: gdelt.defaults.schedule,
  freshness: { warnAfterMs: 3600_000, errorAfterMs: 86_400_000 },
  requiredFields: [],
  settings: { maxSlots: 2000 },
};

/** The rows of one slot, generated each time so that they use no memory in between. */
function slotRows(index: number): string[][] {
  const slot = slotAfter(before, index + 1);
  const count = Math.min(ROWS_PER_SLOT, rows - index * ROWS_PER_SLOT);
  return Array.from({ length: count }, (_value, row) => generatedEvent(index * ROWS_PER_SLOT + row, slot));
}

/** Runs work for each slot; its preparation is not measured. @returns rows a second */
async function rate<T>(prepare: (index: number) => T, work: (input: T) => Promise<unknown>): Promise<number> {
  let seconds = 0;
  for (let index = 0; index < slots; index += 1) {
    const input = prepare(index);
    seconds += (await measure(() => work(input))).seconds;
  }
  return rows / seconds;
}

async function parseAlone(text: string): Promise<void> {
  const parser = parse({ delimiter: '\t', quote: null, escape: null });
  parser.end(text);
  let count = 0;
  for await (const _row of parser) count += 1;
  if (count === 0) throw new Error('Nothing was parsed.');
}

const isWanted = createEventFilter({ countries: [], minMentions: 0, eventRootCodes: [] });

/** The documents of a slot as the engine stores them. */
function slotDocuments(index: number): CollectedDocument[] {
  const place = { slot: slotAfter(before, index + 1), line: 1 };
  return slotRows(index).flatMap((row) => {
    const found = readEventRow(row, isWanted, place);
    if (found?.type !== 'document') return [];
    const stored = storedDocument(found, { source, runId: 'alone', now: new Date() });
    return 'document' in stored ? [{ ...stored.document, revision: 1, run_step: 0 }] : [];
  });
}

const upstream = new GdeltUpstream();
for (let index = 0; index < slots; index += 1)
  upstream.publish(slotAfter(before, index + 1), slotRows(index));
const server = await startUpstreams([upstream]);
const database = await openDatabase(config.mongo, name);
const http = createHttpClient({ userAgent: 'bench', timeoutMs: 60_000, allowPrivateAddresses: true });
setFlagsFromString('--expose-gc');
const isFunction = (value: unknown): value is () => void => typeof value === 'function';
const collectGarbage: unknown = runInNewContext('gc');
/** Memory in use after garbage collection. */
const heapMegabytes: number[] = [];
let progressCalls = 0;
const sample = () => {
  progressCalls += 1;
  // Rarely, as it takes time.
  if (progressCalls % 20 !== 1 || !isFunction(collectGarbage)) return;
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  heapMegabytes.push(Math.round((heapUsed + external) / 1024 ** 2));
};

/** One run of the source, from the state before the first slot. @returns rows a second */
async function collect(scheduledFor: Date): Promise<number> {
  const { result: run, seconds } = await measure(() =>
    runSource({
      source,
      kind: gdelt,
      payload: { sourceId: source.id, scheduledFor: scheduledFor.toISOString(), trigger: 'manual', round: 0 },
      database,
      queues: { addMany: () => Promise.resolve() },
      config: { access: { ...config.collect.access, gdelt: { url: server.addressOf('gdelt') } } },
      http,
      logger: createSilentLogger(),
      signal: new AbortController().signal,
      worker: 'bench',
      now: () => new Date(),
      onProgress: sample,
    }),
  );
  if (run.counts.seen !== rows) throw new Error(`${String(run.counts.seen)} rows were seen.`);
  return rows / seconds;
}

/** The kind without a database: everything up to the documents with their fingerprints. @returns rows a second */
async function readAlone(): Promise<number> {
  const { result: count, seconds } = await measure(async () => {
    const found = gdelt.collect({
      settings: source.settings,
      state: STATE,
      access: { ...config.collect.access, gdelt: { url: server.addressOf('gdelt') } },
      http,
      logger: createSilentLogger(),
      signal: new AbortController().signal,
      now: () => new Date(),
    });
    let count = 0;
    for await (const item of found) {
      if (item.type !== 'document') continue;
      if ('document' in storedDocument(item, { source, runId: 'alone', now: new Date() })) count += 1;
    }
    return count;
  });
  if (count !== rows) throw new Error(`${String(count)} rows were read.`);
  return rows / seconds;
}

/** Sets the source back to before the first slot. */
async function rewind(): Promise<void> {
  await database.sources.register(registrationOf(source), new Date());
  const version = (await database.sources.findById(source.id))?.state_version ?? 0;
  await database.sources.saveState(source.id, version, STATE);
}

try {
  const csv = await rate(
    (index) =>
      slotRows(index)
        .map((row) => `${row.join('\t')}\n`)
        .join(''),
    parseAlone,
  );
  const read = await readAlone();
  const collection = database.connection.collection<CollectedDocument>('documents');
  const insert = await rate(slotDocuments, async (documents) => {
    for (let from = 0; from < documents.length; from += BATCH_SIZE) {
      await collection.insertMany(documents.slice(from, from + BATCH_SIZE), { ordered: false });
    }
  });
  await collection.deleteMany({});
  await rewind();
  const added = await collect(new Date(slotTimeMs(newest)));
  const memory = [...heapMegabytes];
  await rewind();
  const known = await collect(new Date(slotTimeMs(newest) + 1000));
  const perSecond = { csvParse: csv, read, insertMany: insert, collectNew: added, collectKnown: known };
  if (isJson) {
    console.log(JSON.stringify({ rows, rowsPerSecond: perSecond, heapMegabytes: memory }));
  } else {
    const line = (label: string, value: number) => {
      console.log(`${label.padEnd(44)} ${value.toFixed(0).padStart(8)} rows/s`);
    };
    console.log(`${String(rows)} rows in ${String(slots)} slots`);
    line('floor: csv-parse alone', csv);
    line('floor: insertMany alone', insert);
    line('read: checked, parsed, with fingerprints', read);
    line('collect: all new', added);
    line('collect: all known', known);
    const floors = 1 / (1 / csv + 1 / insert);
    console.log(
      `reading: ${(read / csv).toFixed(2)} of csv-parse alone; collecting new rows: ${(added / csv).toFixed(2)} of csv-parse alone, ` +
        `${(added / insert).toFixed(2)} of insertMany alone, ${(added / floors).toFixed(2)} of both one after the other`,
    );
    console.log(
      `memory in use after garbage collection, while new rows were collected: ${memory.join(', ')} MB`,
    );
  }
} finally {
  await database.connection.dropDatabase();
  await Promise.all([database.close(), http.close(), server.close()]);
}
