import type { ConfiguredSource } from '../../collectors/configured-source.ts';
import { nextTick } from '../../config/cron.ts';
import type { RunDocument } from '../../database/collections/run.ts';

/**
 * The states of a source, in people's words. `ok`, `warning` and `stale` compare the age of the last success with the
 * source's limits; `failing`: the last runs failed although the data is not old yet; `never`: enabled, but never collected
 * successfully.
 */
export const HEALTH_LABELS = {
  ok: 'ok',
  warning: 'late',
  failing: 'failing',
  stale: 'stale',
  never: 'never collected',
  disabled: 'disabled',
} as const;
export type HealthState = keyof typeof HEALTH_LABELS;
export const HEALTH_STATES = Object.keys(HEALTH_LABELS) as HealthState[];

/** The configuration of a source, as far as its health depends on it. */
export type EvaluatedSource = Pick<ConfiguredSource, 'id' | 'kind' | 'label' | 'schedule' | 'freshness'> & {
  /** Why it is not collected, such as `missing OWM_API_KEY`; undefined when it is enabled. */
  readonly disabledReason: string | undefined;
};

/** What the database has about a source. */
export interface SourceRecord {
  readonly documents: number;
  readonly lastRunAt: Date | undefined;
  readonly lastSuccessAt: Date | undefined;
  readonly lastNewItemAt: Date | undefined;
  readonly consecutiveFailures: number;
  readonly lastRun: Pick<RunDocument, 'status' | 'error'> | undefined;
}

/** The health of one source; null where something is not known or does not apply. */
export type SourceHealth = ReturnType<typeof evaluateSource>;

/** Runs in a row that must fail before a source with fresh data counts as failing: one failure is usual, and is retried. */
const MIN_FAILURES = 2;
const HOUR_MS = 3_600_000;

/** Evaluates one source by what was collected, not by what BullMQ has of its schedule. */
export function evaluateSource(source: EvaluatedSource, record: SourceRecord, at: Date) {
  const { state, reason } = stateOf(source, record, at);
  return {
    id: source.id,
    kind: source.kind,
    label: source.label,
    state,
    reason,
    documents: record.documents,
    lastRunAt: record.lastRunAt ?? null,
    lastRunStatus: record.lastRun?.status ?? null,
    lastSuccessAt: record.lastSuccessAt ?? null,
    lastNewItemAt: record.lastNewItemAt ?? null,
    nextRunAt: source.disabledReason === undefined ? nextTick(source.schedule, at) : null,
    warnAfterHours: source.freshness.warnAfterMs / HOUR_MS,
    errorAfterHours: source.freshness.errorAfterMs / HOUR_MS,
    consecutiveFailures: record.consecutiveFailures,
  };
}

/** Whether the state needs a person's attention. */
export function isUnhealthy(state: HealthState): boolean {
  return state === 'failing' || state === 'stale' || state === 'never';
}

/** Orders sources by their latest success, newest first, then those that never had one. */
export function byLatestSuccess(first: SourceHealth, second: SourceHealth): number {
  const time = ({ lastSuccessAt }: SourceHealth) => lastSuccessAt?.getTime() ?? -Infinity;
  return time(first) === time(second) ? first.id.localeCompare(second.id) : time(second) - time(first);
}

function stateOf(
  source: EvaluatedSource,
  record: SourceRecord,
  at: Date,
): { readonly state: HealthState; readonly reason: string | null } {
  if (source.disabledReason !== undefined) return { state: 'disabled', reason: source.disabledReason };
  const failure = failureOf(record);
  if (record.lastSuccessAt === undefined) {
    return { state: 'never', reason: failure ?? 'It has never been collected.' };
  }
  const ageMs = at.getTime() - record.lastSuccessAt.getTime();
  const { warnAfterMs, errorAfterMs } = source.freshness;
  if (ageMs > errorAfterMs) {
    return { state: 'stale', reason: failure ?? lateReason(errorAfterMs) };
  }
  if (record.consecutiveFailures >= MIN_FAILURES) return { state: 'failing', reason: failure ?? null };
  if (ageMs > warnAfterMs) return { state: 'warning', reason: failure ?? lateReason(warnAfterMs) };
  return { state: 'ok', reason: null };
}

function failureOf({ lastRun }: SourceRecord): string | undefined {
  if (lastRun?.status !== 'failed' || !lastRun.error) return undefined;
  return `${lastRun.error.message} ${lastRun.error.advice}`;
}

function lateReason(limitMs: number): string {
  return `No success for more than ${String(limitMs / HOUR_MS)} h: check that workers are running.`;
}
