import type { ErrorClass } from '../domain/error-classes.ts';

/** How a run ended. `partial`: some of its parts failed. `skipped`: it was not done, for the reason in `note`. */
export const RUN_STATUSES = ['running', 'success', 'partial', 'failed', 'skipped'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Why a run was made. */
export type RunTrigger = 'schedule' | 'manual' | 'catch_up';

/** A source as it was configured last, and how far it has been read. Durations are milliseconds. */
export interface SourceDocument {
  /** The id in sources.yaml. */
  readonly _id: string;
  readonly kind: string;
  readonly label: string;
  readonly enabled: boolean;
  /** Why it is not collected although it is configured: `missing OWM_API_KEY`. */
  readonly disabled_reason?: string | null;
  /** False once it is no longer in sources.yaml; its documents and runs stay. */
  readonly configured: boolean;
  readonly schedule: { readonly pattern: string; readonly time_zone: string };
  readonly freshness: { readonly warn_after_ms: number; readonly error_after_ms: number };
  /** The cursor, in the form of its kind; saved only after what precedes it is durable. */
  readonly state?: unknown;
  /** Grows with every change of `state`; a run that was overtaken cannot set it back. */
  readonly state_version: number;
  readonly last_run_at?: Date | null;
  readonly last_success_at?: Date | null;
  readonly last_new_item_at?: Date | null;
  readonly consecutive_failures: number;
  /** How many runs were begun; numbers them in an order that no clock can change. */
  readonly runs_begun?: number;
  /** The numbers of the latest run that succeeded and of the latest that failed. */
  readonly last_success_sequence?: number;
  readonly last_failure_sequence?: number;
  readonly updated_at: Date;
}

/** `seen` = `new` + `updated` + `duplicate` + `rejected`; `media` counts what went to the audio pipeline besides. */
export interface RunCounts {
  readonly seen: number;
  readonly new: number;
  readonly updated: number;
  readonly duplicate: number;
  readonly rejected: number;
  readonly media: number;
}

/** How one part of a run went. */
export interface RunPart {
  readonly name: string;
  readonly status: 'success' | 'unchanged' | 'failed' | 'skipped';
  readonly items?: number | null;
  readonly note?: string | null;
  readonly error_class?: ErrorClass | null;
}

/** What a run has found so far. */
export interface RunTally {
  readonly counts: RunCounts;
  readonly parts: readonly RunPart[];
  readonly reject_reasons: Readonly<Record<string, number>>;
  readonly rejects: readonly { readonly reason: string; readonly detail?: string | null }[];
}

/**
 * How far a run has come, so that another attempt can go on exactly. Each attempt works in steps: one begins with
 * the attempt, the next after each checkpoint. A number is used by one attempt only, so that a document's `run_step`
 * tells whether it is in the counts of the run.
 */
export interface RunProgress {
  /** The how-manieth run of the source it is. */
  readonly sequence: number;
  /** The step that is under way. */
  readonly step: number;
  /** Steps of attempts that ended before their checkpoint: what they inserted is in no count yet. */
  readonly lost_steps: readonly number[];
  /** The version of the source's state once `state_after` is saved there. */
  readonly state_version: number;
}

/** One execution of a source; a retry goes on with the same run. */
export interface RunDocument {
  /** `<source_id>.<scheduled_for as ISO 8601>`. */
  readonly _id: string;
  readonly source_id: string;
  readonly kind: string;
  readonly trigger: RunTrigger;
  readonly scheduled_for: Date;
  readonly started_at: Date;
  readonly finished_at?: Date | null;
  readonly status: RunStatus;
  readonly round: number;
  /** How often it was begun, over all rounds. */
  readonly attempts: number;
  /** Names the attempt that may write; another one that lost its job may not. */
  readonly owner?: string | null;
  readonly counts: RunCounts;
  /** Received over the network. */
  readonly bytes: number;
  /** Documents of this source and of all sources, before and after. */
  readonly totals?: {
    readonly before: { readonly source: number; readonly all: number };
    readonly after?: { readonly source: number; readonly all: number } | null;
  } | null;
  readonly state_before?: unknown;
  /** As of the last checkpoint; a resumed run goes on from here. */
  readonly state_after?: unknown;
  readonly parts: readonly RunPart[];
  /** How many items were rejected for which reason. */
  readonly reject_reasons: Readonly<Record<string, number>>;
  /** The first rejected items. */
  readonly rejects: readonly { readonly reason: string; readonly detail?: string | null }[];
  readonly error?: {
    readonly class: ErrorClass;
    readonly message: string;
    readonly advice: string;
    readonly at: Date;
  } | null;
  readonly next_retry_at?: Date | null;
  readonly note?: string | null;
  readonly worker: string;
  /** Not there when the run was only recorded as skipped. */
  readonly progress?: RunProgress | null;
  /** Of a failed run: the tally as of its last checkpoint, from where a further attempt counts on. */
  readonly resume_from?: RunTally | null;
}

/** A collected document; one row for each content it has had. */
export interface CollectedDocument {
  /** The fingerprint: SHA-256 in hexadecimal over kind and identity. MongoDB's own unique index makes it unique. */
  readonly _id: string;
  readonly source_id: string;
  readonly kind: string;
  /** The run that inserted it, and in which of its steps. */
  readonly run_id: string;
  readonly run_step?: number;
  /** Names the thing across its revisions; null where the fingerprint does. */
  readonly key?: string | null;
  /** 1 for the first content seen under this key. */
  readonly revision: number;
  readonly url?: string | null;
  readonly title?: string | null;
  readonly text?: string | null;
  readonly language?: string | null;
  readonly published_at?: Date | null;
  readonly first_seen_at: Date;
  readonly payload?: Readonly<Record<string, unknown>> | null;
  /** When MongoDB may remove it; for sources with a retention. */
  readonly expire_at?: Date | null;
}

/** How the collections of a snapshot relate in time: one instant, all writers paused, or one after the other. */
export type SnapshotConsistency = 'snapshot' | 'paused' | 'per-collection';

/** A snapshot of the database in the object store. */
export interface SnapshotDocument {
  /** `sonotheque_mongo_vYYYYMMDD_HHMMSS.archive.gz`, also the last part of the object's name. */
  readonly _id: string;
  readonly status: 'running' | 'stored' | 'failed' | 'pruned';
  /** `mongodump archive 0.1, gzip`. */
  readonly format: string;
  readonly started_at: Date;
  /** While it is running: when the process that makes it last said that it lives. */
  readonly alive_at?: Date | null;
  readonly finished_at?: Date | null;
  readonly bucket: string;
  readonly key: string;
  readonly size?: number | null;
  readonly sha256?: string | null;
  readonly consistency: SnapshotConsistency;
  readonly collections: readonly {
    /** `database.collection`. */
    readonly namespace: string;
    readonly count: number;
    readonly bytes: number;
    /** CRC-64 as a decimal string, as the archive has it. */
    readonly crc: string;
  }[];
  /** When its stored bytes were last read again and found good. */
  readonly verified_at?: Date | null;
  /** How that was done (`bytes`, `restored`), or `failed` when a later look found them damaged. */
  readonly verification?: string | null;
  readonly error?: string | null;
  readonly note?: string | null;
}

/** A report on the collection as it was made. */
export interface ReportDocument {
  /** `sonotheque_report_vYYYYMMDD_HHMMSS`. */
  readonly _id: string;
  readonly made_at: Date;
  /** The period, `to` exclusive. */
  readonly from: Date;
  readonly to: Date;
  readonly documents: number;
  readonly inserted: number;
  readonly problems: number;
  /** The whole page; it stays readable whatever later versions gather. */
  readonly html: string;
}
