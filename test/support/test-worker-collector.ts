import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { defineCollector, type DocumentItem, type RejectedItem } from '../../src/collectors/collector.ts';
import type { ConfiguredSource } from '../../src/collectors/configured-source.ts';
import { killProcess } from './kill-points.ts';
import { document, scriptedSource } from './scripted-source.ts';
import { scriptSchema, type testWorkerPlanSchema } from './test-worker-plan.ts';

type PlannedSources = NonNullable<z.output<typeof testWorkerPlanSchema>['sources']>;

/** The sources of a plan, of the kind of `createPlannedCollector`. */
export function toConfiguredSources(sources: PlannedSources): ConfiguredSource[] {
  return sources.map(({ id, pattern, script }) =>
    scriptedSource({
      id,
      schedule: { pattern, timeZone: 'Europe/Paris' },
      settings: { id, ...script },
    }),
  );
}

/** A kind of source that yields the items of its script, notes when a run starts and ends, and kills as planned. */
export function createPlannedCollector(notesFile: string) {
  const note = (event: 'start' | 'end', sourceId: string) => {
    appendFileSync(notesFile, `${event} ${sourceId} ${String(process.pid)}\n`);
  };
  return defineCollector({
    kind: 'scripted',
    settingsSchema: scriptSchema.extend({ id: z.string() }),
    stateSchema: z.object({ item: z.number() }),
    defaults: {
      schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
      freshness: { warnAfterHours: 24, errorAfterHours: 48 },
    },
    async *collect({ settings, state, signal }) {
      const { id, items, isEndless, checkpointEvery, itemMs, killAtItem } = settings;
      const from = state?.item ?? 0;
      note('start', id);
      for (let item = from + 1; item <= (isEndless ? from + items : items); item += 1) {
        await delay(itemMs, undefined, { signal });
        if (item === killAtItem) await killProcess();
        yield itemOf(id, item);
        if (item % checkpointEvery === 0) yield { type: 'checkpoint', state: { item } };
      }
      note('end', id);
    },
  });
}

/** Of five items two are new, one changes a known document, one is a duplicate and one is rejected. */
function itemOf(sourceId: string, number: number): DocumentItem | RejectedItem {
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
