import type { SourceDocument } from '../../database/collections/source.ts';
import { disabledReason, type ConfiguredSource } from '../../collectors/configured-source.ts';
import type { Database } from '../../database/database.ts';
import type { Counted, Groups } from '../../database/kept-counts.ts';
import { definedFields, recordOf } from '../../domain/defined-fields.ts';
import { evaluateSource, HEALTH_STATES, isUnhealthy, worstFirst, type EvaluatedSource } from './health.ts';
import type { UnreadPart } from './health-cause.ts';
import { isUnread, unreadPartsOf } from './unread-parts.ts';

/** Enough for the runs of two days, one every ten minutes. */
const MAX_RUNS = 300;

export interface HealthDependencies {
  readonly database: Database;
  /** The sources of sources.yaml; undefined where the file is not at hand: those that the workers registered last count. */
  readonly configured: readonly ConfiguredSource[] | undefined;
  /** Whether all documents are counted now, however many there are. */
  readonly isExact?: boolean;
}

/** The health of all sources, as `npm run health -- --json` prints it. */
export type CollectionHealth = Awaited<ReturnType<typeof readHealth>>;

/**
 * Reads the health of every configured source, also of those that never ran, the worst first. `documents` are
 * those in the database now, also of sources that are no longer configured.
 * @throws TransientError when MongoDB does not answer.
 */
export async function readHealth({ database, configured, isExact = false }: HealthDependencies, at: Date) {
  const [records, { counts: totals, countedAt }] = await Promise.all([
    database.sources.all(),
    isExact ? countDocuments(database) : database.documentCounts.bySource(),
  ]);
  const known = new Map(records.map((record) => [record._id, record]));
  const evaluated =
    configured?.map((source) => ({ ...source, disabledReason: disabledReason(source) })) ??
    records.filter((record) => record.configured).map(fromDatabase);
  const sources = await Promise.all(
    evaluated.map(async (source) => {
      const record = known.get(source.id);
      const lastRun = await database.runOverview.latestEndedOf(source.id);
      const found = {
        documents: totals.get(source.id) ?? 0,
        lastRunAt: record?.last_run_at ?? undefined,
        lastSuccessAt: record?.last_success_at ?? undefined,
        lastNewItemAt: record?.last_new_item_at ?? undefined,
        consecutiveFailures: record?.consecutive_failures ?? 0,
        lastRun,
        unreadParts: lastRun?.parts.some(isUnread) ? await readUnreadParts(source, database, at) : [],
      };
      return evaluateSource(source, found, at);
    }),
  );
  return {
    at,
    healthy: !sources.some(({ state }) => isUnhealthy(state)),
    summary: recordOf(HEALTH_STATES, (state) => sources.filter((source) => source.state === state).length),
    documents: [...totals.values()].reduce((sum, count) => sum + count, 0),
    /** When the documents were counted, where they are too many to be counted each time; null: now. */
    countedAt: countedAt ?? null,
    sources: sources.sort(worstFirst),
  };
}

async function countDocuments({ documents }: Database): Promise<Counted<Groups>> {
  return { counts: await documents.totalsBySource(), countedAt: undefined };
}

/** Reads back for twice the limit after which a part has not been read for too long. */
async function readUnreadParts(
  { id, freshness }: EvaluatedSource,
  { runOverview }: Database,
  at: Date,
): Promise<UnreadPart[]> {
  const from = new Date(at.getTime() - 2 * freshness.errorAfterMs);
  return unreadPartsOf(await runOverview.partsSince(id, from, MAX_RUNS));
}

function fromDatabase(record: SourceDocument): EvaluatedSource {
  return {
    id: record._id,
    kind: record.kind,
    label: record.label,
    schedule: { pattern: record.schedule.pattern, timeZone: record.schedule.time_zone },
    freshness: definedFields({
      warnAfterMs: record.freshness.warn_after_ms,
      errorAfterMs: record.freshness.error_after_ms,
      quietAfterMs: record.freshness.quiet_after_ms ?? undefined,
    }),
    disabledReason: record.disabled_reason ?? undefined,
  };
}
