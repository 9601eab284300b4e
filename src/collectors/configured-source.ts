import type { CronSchedule } from '../config/cron.ts';
import type { SourceRegistration } from '../database/source-repository.ts';

/** The fields of a document that a source may insist on. */
export const REQUIRABLE_FIELDS = ['title', 'text', 'url', 'publishedAt'] as const;

/** One entry of sources.yaml, checked, with the defaults of its kind. */
export interface ConfiguredSource {
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  /** False when a person switched it off: it is collected only by hand. */
  readonly enabled: boolean;
  /** The environment variable without which it cannot be collected. */
  readonly missingKey?: string;
  readonly schedule: CronSchedule;
  readonly freshness: { readonly warnAfterMs: number; readonly errorAfterMs: number };
  /** How long documents are kept; without it for good. */
  readonly retentionMs?: number;
  /** A run ends when so many documents were new or changed. */
  readonly maxItemsPerRun?: number;
  /** A run that saw fewer items is only `partial`. */
  readonly minItems?: number;
  /** Documents without these are rejected. */
  readonly requiredFields: readonly (typeof REQUIRABLE_FIELDS)[number][];
  /** As the file has them; the kind has checked them and reads them again. */
  readonly settings: unknown;
}

/** Why a source is not collected on schedule; undefined when it is. */
export function disabledReason(source: ConfiguredSource): string | undefined {
  if (source.missingKey !== undefined) return `missing ${source.missingKey}`;
  return source.enabled ? undefined : 'switched off in the sources file';
}

/** The entry as the database keeps it. */
export function registrationOf(source: ConfiguredSource): SourceRegistration {
  return {
    _id: source.id,
    kind: source.kind,
    label: source.label,
    enabled: disabledReason(source) === undefined,
    disabled_reason: disabledReason(source) ?? null,
    schedule: { pattern: source.schedule.pattern, time_zone: source.schedule.timeZone },
    freshness: {
      warn_after_ms: source.freshness.warnAfterMs,
      error_after_ms: source.freshness.errorAfterMs,
    },
  };
}
