import { addDownloads } from '../../src/backlog/add-downloads.ts';
import { z } from 'zod';
import {
  defineCollector,
  type CollectContext,
  type CollectorKind,
  type CollectedItem,
  type DocumentItem,
} from '../../src/collectors/collector.ts';
import type { ConfiguredSource } from '../../src/collectors/configured-source.ts';
import type { RunContext } from '../../src/collectors/engine/run-context.ts';
import type { HttpClient } from '../../src/runtime/http-client/http-client.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import type { TestEnvironment } from './test-environment.ts';

type Script = (context: CollectContext<unknown, unknown>) => AsyncIterable<CollectedItem>;

/** A collector that yields what the test says. */
export function scriptedKind(script: Script): CollectorKind {
  return defineCollector<unknown, unknown>({
    kind: 'scripted',
    settingsSchema: z.unknown(),
    stateSchema: z.unknown(),
    defaults: {
      schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
      freshness: { warnAfterHours: 24, errorAfterHours: 48 },
    },
    collect: script,
  });
}

/** A collector that yields these items. */
export function kindOfItems(items: readonly CollectedItem[]): CollectorKind {
  return scriptedKind(async function* () {
    await Promise.resolve();
    yield* items;
  });
}

/** A document with this text, and a key when it can be updated. */
export function document(text: string, key?: string): DocumentItem {
  return {
    type: 'document',
    identity: { text },
    title: text,
    url: `https://example.org/${text}`,
    ...(key === undefined ? {} : { key }),
  };
}

export const checkpoint = (state: unknown): CollectedItem => ({ type: 'checkpoint', state });

/** A source for such a collector. */
export function scriptedSource(changes: Partial<ConfiguredSource> = {}): ConfiguredSource {
  return {
    id: 'scripted-source',
    kind: 'scripted',
    label: 'A scripted source',
    enabled: true,
    schedule: { pattern: '0 * * * *', timeZone: 'Europe/Paris' },
    freshness: { warnAfterMs: 3_600_000, errorAfterMs: 7_200_000 },
    requiredFields: [],
    settings: {},
    ...changes,
  };
}

/** The arguments of `runSource`, by default for the slot of the first hour. */
export function runOptions(
  { database, queues, config }: TestEnvironment,
  kind: CollectorKind,
  changes: Partial<Omit<RunContext, 'payload'>> & {
    readonly payload?: Partial<RunContext['payload']>;
  } = {},
): RunContext {
  const source = changes.source ?? scriptedSource();
  return {
    source,
    kind,
    database,
    addDownloads: (downloads) =>
      addDownloads(downloads, { list: `source.${source.id}` }, { database, queues }),
    config: config.collect,
    http: new CountingClient(),
    logger: createSilentLogger(),
    signal: new AbortController().signal,
    worker: 'test-worker',
    now: () => new Date(),
    ...changes,
    payload: {
      sourceId: source.id,
      scheduledFor: hour(1),
      trigger: 'schedule',
      round: 0,
      ...changes.payload,
    },
  };
}

/** A slot of the schedule. */
export function hour(number: number): string {
  return new Date(Date.UTC(2026, 0, 1, number)).toISOString();
}

/** Fetches nothing; a script sets `bytesReceived`. */
export class CountingClient implements HttpClient {
  bytesReceived = 0;

  fetch(): Promise<never> {
    return Promise.reject(new Error('A scripted source fetches nothing.'));
  }
}
