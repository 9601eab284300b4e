import type {
  CollectorKind,
  DocumentItem,
  MediaItem,
  PartResult,
  RejectedItem,
} from '../../src/collectors/collector.ts';
import type { CollectorAccess } from '../../src/config/config.ts';
import { createHttpClient } from '../../src/runtime/http-client/create-http-client.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';

/** What one run of a collector yielded, and how it ended. */
export interface Collected {
  readonly documents: DocumentItem[];
  readonly media: MediaItem[];
  readonly rejected: RejectedItem[];
  readonly parts: PartResult[];
  duplicates: number;
  /** The state of the last checkpoint, or the initial one. */
  state: unknown;
  checkpoints: number;
  error: unknown;
}

/** The state is passed through JSON, as by a database. */
export interface CollectingOptions {
  readonly kind: CollectorKind;
  readonly settings: unknown;
  readonly access: Partial<CollectorAccess>;
  readonly state?: unknown;
  readonly now?: Date;
  readonly signal?: AbortSignal;
  /** Ends the run early, like a worker that is killed after this many checkpoints. */
  readonly untilCheckpoint?: number;
}

const ACCESS: CollectorAccess = {
  openWeatherMap: { url: 'http://127.0.0.1:9', key: undefined },
  kaggle: { url: 'http://127.0.0.1:9', credentials: undefined },
  gdelt: { url: 'http://127.0.0.1:9' },
};

/** Runs a collector once like the engine, without a database. */
export async function collectOnce(options: CollectingOptions): Promise<Collected> {
  const { kind, now = new Date() } = options;
  const http = createHttpClient({
    userAgent: 'Sonotheque-test',
    timeoutMs: 20_000,
    allowPrivateAddresses: true,
  });
  const collected: Collected = {
    documents: [],
    media: [],
    rejected: [],
    parts: [],
    duplicates: 0,
    state: options.state,
    checkpoints: 0,
    error: undefined,
  };
  try {
    const found = kind.collect({
      settings: kind.settingsSchema.parse(options.settings),
      state: options.state,
      access: { ...ACCESS, ...options.access },
      http,
      signal: options.signal ?? new AbortController().signal,
      logger: createSilentLogger(),
      now: () => now,
    });
    for await (const item of found) {
      if (item.type === 'document') collected.documents.push(item);
      else if (item.type === 'media') collected.media.push(item);
      else if (item.type === 'rejected') collected.rejected.push(item);
      else if (item.type === 'part') collected.parts.push(item);
      else if (item.type === 'duplicate') collected.duplicates += 1;
      else {
        collected.state = JSON.parse(JSON.stringify(item.state));
        collected.checkpoints += 1;
        if (collected.checkpoints === options.untilCheckpoint) break;
      }
    }
  } catch (error) {
    collected.error = error;
  } finally {
    await http.close();
  }
  return collected;
}
