/**
 * A worker process for tests of the collection: the real one, which reads scripted sources and is killed where its
 * plan says. Nothing in production code knows of it.
 */
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { defineCollector, type FoundDocument, type RejectedItem } from '../../src/collectors/collector.ts';
import { loadConfig } from '../../src/config/load.ts';
import { WORKER_FACTORIES, type WorkerFactories } from '../../src/workers/worker-factories.ts';
import { collectingPlanSchema, NOTES_FILE, scriptSchema } from './collecting-worker-plan.ts';
import { die, dyingAt } from './dying-at-calls.ts';
import { runTestWorker } from './run-test-worker.ts';
import { document, scriptedSource } from './scripted-source.ts';

const plan = collectingPlanSchema.parse(JSON.parse(process.argv[2] ?? ''));
const config = loadConfig(process.env);

function note(what: string, sourceId: string): void {
  const file = path.join(path.dirname(config.collect.sourcesFile), NOTES_FILE);
  appendFileSync(file, `${what} ${sourceId} ${String(process.pid)}\n`);
}

/** Of five items two are new, one is a change of what is known, one is there twice and one cannot be used. */
function itemOf(sourceId: string, number: number): FoundDocument | RejectedItem {
  const name = `${sourceId} ${String(number)}`;
  switch (number % 5) {
    case 1:
      return document(`text ${name}`);
    case 2:
      return document(`changed ${name}`, `key ${name}`);
    case 3:
      return document(`text ${sourceId} ${String(number - 2)}`);
    case 4:
      return document(`named ${name}`, `name ${name}`);
    default:
      return { type: 'rejected', reason: 'no_title' };
  }
}

const scripted = defineCollector({
  kind: 'scripted',
  settingsSchema: scriptSchema.extend({ id: z.string() }),
  stateSchema: z.object({ item: z.number() }),
  defaults: {
    schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterHours: 24, errorAfterHours: 48 },
  },
  async *collect({ settings, state, signal }) {
    const { id, items, isEndless, checkpointEvery, itemMs, deadlyItem } = settings;
    const from = state?.item ?? 0;
    note('begin', id);
    for (let item = from + 1; item <= (isEndless ? from + items : items); item += 1) {
      await delay(itemMs, undefined, { signal });
      if (item === deadlyItem) await die();
      yield itemOf(id, item);
      if (item % checkpointEvery === 0) yield { type: 'checkpoint', state: { item } };
    }
    note('end', id);
  },
});

/** The same object, except that it may kill the process, as the plan says. */
function deadly<T extends object>(part: 'documents' | 'runs' | 'sources', object: T): T {
  return plan.death?.part === part ? dyingAt(plan.death, object) : object;
}

const parts: WorkerFactories = {
  ...WORKER_FACTORIES,
  openDatabase: async (...args) => {
    const database = await WORKER_FACTORIES.openDatabase(...args);
    return {
      ...database,
      documents: deadly('documents', database.documents),
      runs: deadly('runs', database.runs),
      sources: deadly('sources', database.sources),
    };
  },
  kinds: [scripted],
  loadSources: () =>
    Promise.resolve(
      plan.sources.map(({ id, pattern, script }) =>
        scriptedSource({
          id,
          schedule: { pattern, timeZone: 'Europe/Paris' },
          settings: { id, ...script },
        }),
      ),
    ),
};

await runTestWorker(config, plan.queues, parts);
