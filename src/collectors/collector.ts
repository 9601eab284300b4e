import type { z } from 'zod';
import type { CollectorAccess } from '../config/config.ts';
import type { CronSchedule } from '../config/cron.ts';
import type { HttpClient } from '../runtime/http-client/http-client.ts';
import type { Logger } from '../runtime/logger.ts';
import type { UnreadableDate } from './publication-date.ts';

/** The fields that identify the content of a document. They are hashed in canonical form together with the kind. */
export type DocumentIdentity = Readonly<
  Record<string, string | number | readonly (string | number | null)[]>
>;

/** Data that both MongoDB and JSON can store. */
export type PlainValue =
  string | number | boolean | null | Date | readonly PlainValue[] | { readonly [name: string]: PlainValue };

/** A document of a source. Its fingerprint is computed from kind and `identity`; see docs/collection.md. */
export interface DocumentItem {
  readonly type: 'document';
  /**
   * Identifies the thing independently of its current content (the guid of an article): other content under a known
   * key is an update. Left out where the identity already identifies the thing.
   */
  readonly key?: string;
  readonly identity: DocumentIdentity;
  readonly url?: string;
  readonly title?: string;
  readonly text?: string;
  /** BCP 47, such as `fr`. */
  readonly language?: string;
  readonly publishedAt?: Date;
  /** Why there is no `publishedAt` although the source should have one. Runs count it. */
  readonly dateProblem?: UnreadableDate;
  readonly payload?: Readonly<Record<string, PlainValue>>;
}

/** An audio file for the audio pipeline. */
export interface MediaItem {
  readonly type: 'media';
  /** SHA-256 of feed and guid as 64 hexadecimal digits: the video id of provider `http`. Not derived from the URL. */
  readonly videoId: string;
  readonly url: string;
  readonly title?: string;
  readonly author?: string;
  readonly durationSeconds?: number;
  readonly publishedAt?: Date;
}

/** An item that cannot be stored, and why. It counts as seen. */
export interface RejectedItem {
  readonly type: 'rejected';
  /** A short stable reason that is counted: `no_title`, `invalid_date`. */
  readonly reason: string;
  /** What a person needs to find it at the source. No secrets. */
  readonly detail?: string;
}

/** An item that is another one of its source under another URL. It counts as seen and as a duplicate. */
export interface DuplicateItem {
  readonly type: 'duplicate';
}

/** The result of one part of a source (a feed, a city, a slot, a page). One failed part does not stop the others. */
export interface PartResult {
  readonly type: 'part';
  readonly name: string;
  readonly status: 'success' | 'unchanged' | 'failed' | 'skipped';
  /** How many items the part yielded. */
  readonly items?: number;
  /** What happened, for any status but success. No secrets. */
  readonly note?: string;
  readonly error?: Error;
}

/** Asks the engine to store everything yielded so far, and then this state, from which the next run continues. */
export interface Checkpoint<State> {
  readonly type: 'checkpoint';
  readonly state: State;
}

export type CollectedItem<State = unknown> =
  DocumentItem | MediaItem | RejectedItem | DuplicateItem | PartResult | Checkpoint<State>;

export interface CollectContext<Settings, State> {
  readonly settings: Settings;
  /** The state of the last checkpoint; undefined in the first run, or when it cannot be parsed any more. */
  readonly state: State | undefined;
  readonly access: CollectorAccess;
  readonly http: HttpClient;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly now: () => Date;
}

/**
 * One kind of source. It only reads the source and yields items; it does not use the database or the queues. Items that
 * were yielded before a checkpoint may be yielded again after a crash; the engine recognises them.
 */
export interface Collector<Settings, State> {
  /** The value of `kind` in sources.yaml. */
  readonly kind: string;
  /** The settings of the kind in sources.yaml; their descriptions go into its JSON schema. */
  readonly settingsSchema: z.ZodType<Settings>;
  readonly stateSchema: z.ZodType<State>;
  /** Used where `sources.yaml` does not set them. */
  readonly defaults: {
    readonly schedule: CronSchedule;
    readonly freshness: {
      readonly warnAfterHours: number;
      readonly errorAfterHours: number;
      /** Left out where a source may have nothing new for ever, as a dataset does. */
      readonly quietAfterHours?: number;
    };
  };
  /** The missing environment variable, such as `OWM_API_KEY`; undefined when all are set. */
  readonly missingKey?: (access: CollectorAccess) => string | undefined;
  /** @throws JobError when the source as a whole cannot be collected. */
  collect(context: CollectContext<Settings, State>): AsyncIterable<CollectedItem<State>>;
}

/** A collector without its type parameters, so that all kinds fit into one list. */
export type CollectorKind = Required<Omit<Collector<unknown, unknown>, 'stateSchema'>>;

/** `collect` parses its settings and its state; a state that does not match the schema becomes undefined. */
export function defineCollector<Settings, State>(collector: Collector<Settings, State>): CollectorKind {
  return {
    ...collector,
    missingKey: (access) => collector.missingKey?.(access),
    collect: (context) =>
      collector.collect({
        ...context,
        settings: collector.settingsSchema.parse(context.settings),
        state: collector.stateSchema.safeParse(context.state).data,
      }),
  };
}

/** The entries of a state that the settings still name; the others are dropped. */
export function namedEntries<T>(
  state: Readonly<Record<string, T>> | undefined,
  names: readonly string[],
): Map<string, T> {
  return new Map(Object.entries(state ?? {}).filter(([name]) => names.includes(name)));
}
