import { parse } from 'csv-parse';
import { GdeltUpstream } from '../../local/upstreams/gdelt.ts';
import { generatedEvent } from '../../local/upstreams/gdelt-events.ts';
import { startUpstreams } from '../../local/upstreams/upstream.ts';
import { registrationOf, type ConfiguredSource } from '../../src/collectors/configured-source.ts';
import { runSource } from '../../src/collectors/engine/run-source.ts';
import { storedDocument } from '../../src/collectors/engine/stored-document.ts';
import { gdelt } from '../../src/collectors/kinds/gdelt.ts';
import { createEventFilter, readEventRow } from '../../src/collectors/kinds/gdelt/event-row.ts';
import { slotAfter, slotTimeMs } from '../../src/collectors/kinds/gdelt/slots.ts';
import type { CollectedDocument } from '../../src/database/collections/document.ts';
import { openDatabase } from '../../src/database/database.ts';
import { createHttpClient } from '../../src/runtime/http-client/create-http-client.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { createBenchConfig } from '../support/bench-config.ts';
import { measure } from '../support/measure.ts';
import { usedMegabytes } from '../support/memory.ts';

const ROWS_PER_SLOT = 1000;
const BATCH_SIZE = 500;
const NEWEST = '20261121110000';
const SOURCE: ConfiguredSource = {
  id: 'gdelt',
  kind: 'gdelt',
  label: 'GDELT',
  enabled: true,
  schedule: gdelt.defaults.schedule,
  freshness: { warnAfterMs: 3600_000, errorAfterMs: 86_400_000 },
  requiredFields: [],
  requests: {},
  settings: { maxSlots: 2000 },
};

/**
 * Collects rows of GDELT with the real kind and the real engine (listing, archive, checksums, rows, fingerprints, upserts,
 * checkpoints), and for comparison parses the same rows with csv-parse alone and stores the same documents with insertMany
 * alone.
 * @returns rows a second, and the memory in use while new rows were collected.
 */
export async function measureEventRows(rows: number) {
  const slots = Math.ceil(rows / ROWS_PER_SLOT);
  const before = slotAfter(NEWEST, -slots);
  /** The state of a run that ended before the first slot. */
  const state = { english: { newest: before, pending: [], gaps: [] } };

  /** The rows of one slot, generated each time so that they use no memory in between. */
  function slotRows(index: number): string[][] {
    const slot = slotAfter(before, index + 1);
    const count = Math.min(ROWS_PER_SLOT, rows - index * ROWS_PER_SLOT);
    return Array.from({ length: count }, (_value, row) => generatedEvent(index * ROWS_PER_SLOT + row, slot));
  }

  /** Runs work for each slot; its preparation is not measured. @returns rows a second */
  async function rate<T>(
    prepare: (index: number) => T,
    work: (input: T) => Promise<unknown>,
  ): Promise<number> {
    let seconds = 0;
    for (let index = 0; index < slots; index += 1) {
      const input = prepare(index);
      seconds += (await measure(() => work(input))).seconds;
    }
    return rows / seconds;
  }

  const isWanted = createEventFilter({ countries: [], minMentions: 0, eventRootCodes: [] });
  const toStored = (item: Parameters<typeof storedDocument>[0]) =>
    storedDocument(item, { source: SOURCE, runId: 'alone', now: new Date() });

  /** The documents of a slot as the engine stores them. */
  function slotDocuments(index: number): CollectedDocument[] {
    const place = { slot: slotAfter(before, index + 1), line: 1 };
    return slotRows(index).flatMap((row) => {
      const found = readEventRow(row, isWanted, place);
      if (found?.type !== 'document') return [];
      const stored = toStored(found);
      return 'document' in stored ? [{ ...stored.document, revision: 1, run_step: 0 }] : [];
    });
  }

  const { name, config } = createBenchConfig();
  const upstream = new GdeltUpstream();
  for (let index = 0; index < slots; index += 1) {
    upstream.publish(slotAfter(before, index + 1), slotRows(index));
  }
  const server = await startUpstreams([upstream]);
  const database = await openDatabase(config.mongo, name);
  const http = createHttpClient({ userAgent: 'bench', timeoutMs: 60_000, allowPrivateAddresses: true });
  const access = { ...config.collect.access, gdelt: { url: server.addressOf('gdelt') } };
  const shared = { http, logger: createSilentLogger(), signal: new AbortController().signal };
  const now = () => new Date();
  const memory: number[] = [];
  let progressCalls = 0;
  const sample = () => {
    progressCalls += 1;
    // Rarely, as it takes time.
    if (progressCalls % 20 === 1) memory.push(usedMegabytes());
  };

  /** One run of the source, from the state before the first slot. @returns rows a second */
  async function collect(scheduledFor: Date): Promise<number> {
    // Sets the source back.
    await database.sources.register(registrationOf(SOURCE), new Date());
    const version = (await database.sources.findById(SOURCE.id))?.state_version ?? 0;
    await database.sources.saveState(SOURCE.id, version, state);
    const payload = { sourceId: SOURCE.id, scheduledFor: scheduledFor.toISOString() };
    const { result: run, seconds } = await measure(() =>
      runSource({
        ...shared,
        ...{ source: SOURCE, kind: gdelt, database, now, worker: 'bench', onProgress: sample },
        payload: { ...payload, trigger: 'manual', round: 0 },
        addDownloads: () => Promise.resolve(),
        config: { access },
      }),
    );
    if (run.counts.seen !== rows) throw new Error(`${String(run.counts.seen)} rows were seen.`);
    return rows / seconds;
  }

  /** The kind without a database: everything up to the documents with their fingerprints. @returns rows a second */
  async function readAlone(): Promise<number> {
    const { result: count, seconds } = await measure(async () => {
      let read = 0;
      const items = gdelt.collect({ ...shared, settings: SOURCE.settings, state, access, now });
      for await (const item of items) {
        if (item.type === 'document' && 'document' in toStored(item)) read += 1;
      }
      return read;
    });
    if (count !== rows) throw new Error(`${String(count)} rows were read.`);
    return rows / seconds;
  }

  try {
    const csvParse = await rate(
      (index) =>
        slotRows(index)
          .map((row) => `${row.join('\t')}\n`)
          .join(''),
      parseAlone,
    );
    const read = await readAlone();
    const collection = database.connection.collection<CollectedDocument>('documents');
    const insertMany = await rate(slotDocuments, async (documents) => {
      for (let from = 0; from < documents.length; from += BATCH_SIZE) {
        await collection.insertMany(documents.slice(from, from + BATCH_SIZE), { ordered: false });
      }
    });
    await collection.deleteMany({});
    const collectNew = await collect(new Date(slotTimeMs(NEWEST)));
    const megabytes = [...memory];
    const collectKnown = await collect(new Date(slotTimeMs(NEWEST) + 1000));
    return { rows, rowsPerSecond: { csvParse, read, insertMany, collectNew, collectKnown }, megabytes };
  } finally {
    await database.connection.dropDatabase();
    await Promise.all([database.close(), http.close(), server.close()]);
  }
}

async function parseAlone(text: string): Promise<void> {
  const parser = parse({ delimiter: '\t', quote: null, escape: null });
  parser.end(text);
  let count = 0;
  for await (const _row of parser) count += 1;
  if (count === 0) throw new Error('Nothing was parsed.');
}
