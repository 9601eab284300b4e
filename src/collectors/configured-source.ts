import type { RunTrigger } from '../database/collections/run.ts';
import type { CronSchedule } from '../config/cron.ts';
import type { RequestSettings } from './request-settings.ts';
import type { SourceRegistration } from '../database/source-repository.ts';

/** The fields of a document that a source may require. */
export const REQUIRABLE_FIELDS = ['title', 'text', 'url', 'publishedAt'] as const;

/** One validated entry of sources.yaml, completed with the defaults of its kind. */
export interface ConfiguredSource {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  /** False: it is collected only by hand. */
  readonly enabled: boolean;
  /** The environment variable without which it cannot be collected. */
  readonly missingKey?: string;
  readonly schedule: CronSchedule;
  readonly freshness: {
    readonly warnAfterMs: number;
    readonly errorAfterMs: number;
    /** How long it may bring nothing new; undefined: for ever. */
    readonly quietAfterMs?: number;
  };
  /** How long documents are kept; undefined: forever. */
  readonly retentionMs?: number;
  /** A run ends after this many new or changed documents. */
  readonly maxItemsPerRun?: number;
  /** A run that saw fewer items is only `partial`. */
  readonly minItems?: number;
  /** Documents without these are rejected. */
  readonly requiredFields: readonly (typeof REQUIRABLE_FIELDS)[number][];
  /** How its requests differ from those of other sources. */
  readonly requests?: RequestSettings;
  /** As in the file; the kind has validated them and parses them again. */
  readonly settings: unknown;
}

/** Why a source is not collected on schedule; undefined when it is. */
export function disabledReason(source: ConfiguredSource): string | undefined {
  if (source.missingKey !== undefined) return `missing ${source.missingKey}`;
  return source.enabled ? undefined : 'switched off in the sources file';
}

/** Why a run with this trigger is refused. A source that is only switched off can still be collected by hand. */
export function whyNotCollected(source: ConfiguredSource, trigger: RunTrigger): string | undefined {
  return trigger === 'manual' && source.missingKey === undefined ? undefined : disabledReason(source);
}

export function registrationOf(source: ConfiguredSource): SourceRegistration {
  const reason = disabledReason(source) ?? null;
  return {
    _id: source.id,
    kind: source.kind,
    label: source.label,
    enabled: reason === null,
    disabled_reason: reason,
    schedule: { pattern: source.schedule.pattern, time_zone: source.schedule.timeZone },
    freshness: {
      warn_after_ms: source.freshness.warnAfterMs,
      error_after_ms: source.freshness.errorAfterMs,
      quiet_after_ms: source.freshness.quietAfterMs ?? null,
    },
  };
}
