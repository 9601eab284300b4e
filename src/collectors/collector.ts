import type { z } from 'zod';
import type { CollectorAccess } from '../config/config.ts';
import type { CronSchedule } from '../config/cron.ts';
import type { HttpClient } from '../runtime/http-client/http-client.ts';
import type { Logger } from '../runtime/logger.ts';

/** What identifies the content of a document: named fields, hashed in canonical form together with the kind. */
export type Identity = Readonly<Record<string, string | number | readonly (string | number | null)[]>>;

/** Plain data as MongoDB and JSON both keep it. */
export type PlainValue =
  string | number | boolean | null | Date | readonly PlainValue[] | { readonly [name: string]: PlainValue };

/** A document that was found. Its fingerprint is made of kind and `identity`; see docs/collection.md. */
export interface FoundDocument {
  readonly type: 'document';
  /**
   * Names the thing whatever its content says now (the guid of an article): other content under a known key is an
   * update. Left out where the identity names the thing already.
   */
  readonly key?: string;
  readonly identity: Identity;
  readonly url?: string;
  readonly title?: string;
  readonly text?: string;
  /** BCP 47, such as `fr`. */
  readonly language?: string;
  readonly publishedAt?: Date;
  readonly payload?: Readonly<Record<string, PlainValue>>;
}

/** Audio that was found and goes through the audio pipeline. */
export interface FoundMedia {
  readonly type: 'media';
  /** SHA-256 of feed and guid as 64 hexadecimal digits: the video id of provider `http`. Never made of the address. */
  readonly videoId: string;
  readonly url: string;
  readonly title?: string;
  readonly author?: string;
  readonly durationSeconds?: number;
  readonly publishedAt?: Date;
}

/** An item that could not be taken, and why; it counts as seen. */
export interface RejectedItem {
  readonly type: 'rejected';
  /** A short stable reason that is counted: `no_title`, `invalid_date`. */
  readonly reason: string;
  /** What a person needs to find it at the source. No secrets. */
  readonly detail?: string;
}

/** How one part of a source (a feed, a city, a slot, a page) went. One failing part does not end the others. */
export interface PartResult {
  readonly type: 'part';
  readonly name: string;
  readonly status: 'success' | 'unchanged' | 'failed' | 'skipped';
  /** How many items the part yielded. */
  readonly items?: number;
  /** What happened, in plain words, for any status but success. No secrets. */
  readonly note?: string;
  readonly error?: Error;
}

/** Everything yielded so far is to be made durable, then this state is saved: a next run begins from it. */
export interface Checkpoint<State> {
  readonly type: 'checkpoint';
  readonly state: State;
}

/** What a collector yields. */
export type Found<State = unknown> =
  FoundDocument | FoundMedia | RejectedItem | PartResult | Checkpoint<State>;

/** What a collector gets for one run. */
export interface CollectContext<Settings, State> {
  readonly settings: Settings;
  /** As the last checkpoint left it; undefined for the first run, or when it can no longer be read. */
  readonly state: State | undefined;
  readonly access: CollectorAccess;
  readonly http: HttpClient;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** How a source of this kind is scheduled and judged unless `sources.yaml` says otherwise. */
export interface KindDefaults {
  readonly schedule: CronSchedule;
  readonly freshness: { readonly warnAfterHours: number; readonly errorAfterHours: number };
}

/**
 * One kind of source. It reads and yields: it knows nothing of database or queues. Work that was yielded before a
 * checkpoint may be yielded again after a crash and is then recognised.
 */
export interface Collector<Settings, State> {
  /** The value of `kind` in sources.yaml. */
  readonly kind: string;
  /** The settings of the kind in sources.yaml; their descriptions become those of its JSON schema. */
  readonly settingsSchema: z.ZodType<Settings>;
  readonly stateSchema: z.ZodType<State>;
  readonly defaults: KindDefaults;
  /** The environment variable that is missing, such as `OWM_API_KEY`; undefined when nothing is. */
  readonly missingKey?: (access: CollectorAccess) => string | undefined;
  /** @throws JobError when the source as a whole cannot be collected. */
  collect(context: CollectContext<Settings, State>): AsyncIterable<Found<State>>;
}

/** A kind whose types of settings and state are checked inside. */
export interface CollectorKind {
  readonly kind: string;
  readonly settingsSchema: z.ZodType;
  readonly defaults: KindDefaults;
  missingKey(access: CollectorAccess): string | undefined;
  /** @param context `settings` and `state` are parsed; a state of another version of the kind is left out. */
  collect(context: CollectContext<unknown, unknown>): AsyncIterable<Found>;
}

/** Makes a kind that the engine can hold beside all others. */
export function defineCollector<Settings, State>(collector: Collector<Settings, State>): CollectorKind {
  return {
    kind: collector.kind,
    settingsSchema: collector.settingsSchema,
    defaults: collector.defaults,
    missingKey: (access) => collector.missingKey?.(access),
    collect: (context) =>
      collector.collect({
        ...context,
        settings: collector.settingsSchema.parse(context.settings),
        state: collector.stateSchema.safeParse(context.state).data,
      }),
  };
}
