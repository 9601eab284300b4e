import type { ConfiguredSource } from '../../collectors/configured-source.ts';
import { nextTick } from '../../config/cron.ts';
import type { RunDocument } from '../../database/collections/run.ts';
import { messagesOf } from '../../text/messages/messages-of.ts';
import { describeCause, type HealthCause, type UnreadPart } from './health-cause.ts';

/**
 * The states of a source, the worst first. `stale`: the last success is older than the error limit. `failing`: the last runs
 * failed, or a part of the source was not read for longer than that limit. `never`: enabled, but never collected
 * successfully. `warning`: it is read, but late, not completely, or it brings nothing new any more.
 */
export const HEALTH_STATES = ['stale', 'failing', 'never', 'warning', 'ok', 'disabled'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

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
  /** The latest run that has ended. */
  readonly lastRun: Pick<RunDocument, 'status' | 'error' | 'note' | 'counts' | 'parts'> | undefined;
  /** The parts that the latest runs did not read. */
  readonly unreadParts: readonly UnreadPart[];
}

/** The health of one source; null where something is not known or does not apply. */
export type SourceHealth = ReturnType<typeof evaluateSource>;

/** Runs in a row that must fail before a source with fresh data counts as failing: one failure is usual, and is retried. */
const MIN_FAILURES = 2;
const HOUR_MS = 3_600_000;

/** Evaluates one source by what was collected, not by what BullMQ has of its schedule. */
export function evaluateSource(source: EvaluatedSource, record: SourceRecord, at: Date) {
  const { state, cause } = evaluate(source, record, at);
  return {
    id: source.id,
    kind: source.kind,
    label: source.label,
    state,
    /** Why it is not `ok`, for programs. */
    cause,
    /** The same in English; `describeCause` says it in another language. */
    reason: cause === null ? null : describeCause(cause, messagesOf('en')),
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

/** Orders sources by their state, the worst first; within a state, the one whose last success is the longest ago. */
export function worstFirst(first: SourceHealth, second: SourceHealth): number {
  const rank = ({ state }: SourceHealth) => HEALTH_STATES.indexOf(state);
  const successMs = ({ lastSuccessAt }: SourceHealth) => lastSuccessAt?.getTime() ?? 0;
  return (
    rank(first) - rank(second) || successMs(first) - successMs(second) || first.id.localeCompare(second.id)
  );
}

interface Evaluation {
  readonly state: HealthState;
  readonly cause: HealthCause | null;
}

function evaluate(source: EvaluatedSource, record: SourceRecord, at: Date): Evaluation {
  const { disabledReason, freshness } = source;
  if (disabledReason !== undefined) {
    return { state: 'disabled', cause: { kind: 'disabled', reason: disabledReason } };
  }
  const failure = failureOf(record);
  const { lastSuccessAt, unreadParts } = record;
  if (lastSuccessAt === undefined) return { state: 'never', cause: failure ?? { kind: 'never_collected' } };
  const ageMs = at.getTime() - lastSuccessAt.getTime();
  const { warnAfterMs, errorAfterMs } = freshness;
  const late = (limitMs: number) => ({ kind: 'late', limitHours: limitMs / HOUR_MS }) as const;
  if (ageMs > errorAfterMs) return { state: 'stale', cause: failure ?? late(errorAfterMs) };
  if (record.consecutiveFailures >= MIN_FAILURES) return { state: 'failing', cause: failure ?? null };
  const longUnread = unreadParts.filter(({ since }) => at.getTime() - since.getTime() > errorAfterMs);
  if (longUnread.length > 0) {
    const limitHours = errorAfterMs / HOUR_MS;
    return { state: 'failing', cause: { kind: 'parts_unread_for_long', parts: longUnread, limitHours } };
  }
  const cause = failure ?? (ageMs > warnAfterMs ? late(warnAfterMs) : incompleteness(record, freshness, at));
  return cause === undefined ? { state: 'ok', cause: null } : { state: 'warning', cause };
}

/** What the latest run, which is no failure, left to be desired. */
function incompleteness(
  { lastRun, lastNewItemAt, unreadParts }: SourceRecord,
  { quietAfterMs }: EvaluatedSource['freshness'],
  at: Date,
): HealthCause | undefined {
  if (unreadParts.length > 0 && lastRun !== undefined) {
    return { kind: 'parts_unread', parts: unreadParts, all: lastRun.parts.length };
  }
  const { seen = 0, rejected = 0 } = lastRun?.counts ?? {};
  if (seen > 0 && seen === rejected) return { kind: 'all_rejected', items: seen };
  if (lastRun?.status === 'partial') return { kind: 'partial', note: lastRun.note ?? '' };
  if (lastNewItemAt === undefined) return { kind: 'nothing_ever' };
  if (quietAfterMs === undefined || at.getTime() - lastNewItemAt.getTime() <= quietAfterMs) return undefined;
  return { kind: 'nothing_new', limitHours: quietAfterMs / HOUR_MS };
}

function failureOf({ lastRun }: SourceRecord): HealthCause | undefined {
  if (lastRun?.status !== 'failed' || !lastRun.error) return undefined;
  return { kind: 'failure', class: lastRun.error.class, message: lastRun.error.message };
}
