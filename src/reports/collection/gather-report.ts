import type { RunCounts, RunStatus } from '../../database/collection-documents.ts';
import { RUN_STATUSES } from '../../database/collection-documents.ts';
import type { Database } from '../../database/database.ts';
import { addCounts, NO_COUNTS, type RunSums, type TroubledRun } from '../../database/run-overview.ts';
import { ERROR_CLASSES, isErrorClass } from '../../domain/error-classes.ts';
import type { SourceHealth } from './health.ts';
import { readHealth, type HealthDependencies } from './read-health.ts';
import type { CollectionReport, ReportedProblem, SourceReport } from './report.ts';

const DAY_MS = 24 * 3_600_000;
const GROWTH_DAYS = 30;
const MOST_TROUBLED_RUNS = 500;
const MOST_PROBLEMS = 30;

/** What a report is about. */
export interface ReportPeriod {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

/** The last so many hours. */
export function lastHours(hours: number, at: Date): ReportPeriod {
  return { from: new Date(at.getTime() - hours * 3_600_000), to: at };
}

/**
 * Gathers everything that a report of a period shows. Growth is what the runs counted as inserted, not a difference of
 * totals: documents that a retention removed do not make it smaller, nor does a run without news make it larger.
 * @throws TransientError when MongoDB does not answer.
 */
export async function gatherReport(
  sources: HealthDependencies & { readonly hasMirror: boolean },
  period: ReportPeriod,
  at: Date,
): Promise<CollectionReport> {
  const { database } = sources;
  const growthFrom = new Date(startOfDay(at).getTime() - (GROWTH_DAYS - 1) * DAY_MS);
  const [health, tallies, growth, troubled, videos, audio, snapshot] = await Promise.all([
    readHealth(sources, at),
    database.runOverview.tallies(period.from, period.to),
    database.runOverview.tallies(growthFrom, new Date(startOfDay(at).getTime() + DAY_MS)),
    database.runOverview.troubled(period.from, period.to, MOST_TROUBLED_RUNS),
    database.overview.countByStatus(),
    database.overview.sumStoredAudio(),
    latestSnapshot(database),
  ]);
  const reported = health.sources.map((source) => reportSource(source, tallies));
  const counts = tallies.reduce((sum, tally) => addCounts(sum, tally.counts), NO_COUNTS);
  return {
    at,
    ...period,
    totals: {
      documents: health.documents,
      inserted: counts.new + counts.updated,
      new: counts.new,
      updated: counts.updated,
      duplicate: counts.duplicate,
      rejected: counts.rejected,
      media: counts.media,
    },
    sources: reported,
    kinds: sumByKind(reported),
    growth: growthByDay(growth, growthFrom),
    rejects: sumRejects(troubled),
    problems: troubled.flatMap(problemsOf).slice(0, MOST_PROBLEMS),
    health: health.sources,
    audio: {
      videos: { total: Object.values(videos).reduce((sum, count) => sum + count, 0), ...videos },
      hours: audio.seconds / 3600,
      bytes: audio.bytes,
      unmirrored: sources.hasMirror ? videos.stored : null,
    },
    snapshot,
  };
}

function reportSource(health: SourceHealth, tallies: readonly RunSums[]): SourceReport {
  const own = tallies.filter(({ sourceId }) => sourceId === health.id);
  const runs = Object.fromEntries(
    RUN_STATUSES.map((status) => [
      status,
      own.filter((tally) => tally.status === status).reduce((sum, tally) => sum + tally.runs, 0),
    ]),
  ) as Record<RunStatus, number>;
  return {
    id: health.id,
    kind: health.kind,
    label: health.label,
    state: health.state,
    documents: health.documents,
    runs,
    counts: own.reduce<RunCounts>((sum, tally) => addCounts(sum, tally.counts), NO_COUNTS),
    bytes: own.reduce((sum, tally) => sum + tally.bytes, 0),
  };
}

function sumByKind(sources: readonly SourceReport[]): CollectionReport['kinds'] {
  const kinds = new Map<string, { kind: string; documents: number; inserted: number }>();
  for (const { kind, documents, counts } of sources) {
    const sum = kinds.get(kind) ?? { kind, documents: 0, inserted: 0 };
    kinds.set(kind, {
      kind,
      documents: sum.documents + documents,
      inserted: sum.inserted + counts.new + counts.updated,
    });
  }
  return [...kinds.values()].sort((first, second) => second.documents - first.documents);
}

/** Days without a run are days with nothing inserted. */
function growthByDay(tallies: readonly RunSums[], from: Date): CollectionReport['growth'] {
  return Array.from({ length: GROWTH_DAYS }, (_, index) => {
    const day = new Date(from.getTime() + index * DAY_MS).toISOString().slice(0, 10);
    const inserted = tallies
      .filter((tally) => tally.day === day)
      .reduce((sum, { counts }) => sum + counts.new + counts.updated, 0);
    return { day, inserted };
  });
}

function sumRejects(runs: readonly TroubledRun[]): CollectionReport['rejects'] {
  const sums = new Map<string, { sourceId: string; reason: string; count: number }>();
  for (const { source_id: sourceId, reject_reasons: reasons } of runs) {
    for (const [reason, count] of Object.entries(reasons)) {
      const key = `${sourceId} ${reason}`;
      sums.set(key, { sourceId, reason, count: count + (sums.get(key)?.count ?? 0) });
    }
  }
  return [...sums.values()].sort((first, second) => second.count - first.count);
}

function problemsOf(run: TroubledRun): ReportedProblem[] {
  const about = { sourceId: run.source_id, at: run.started_at };
  const { error } = run;
  return [
    ...(error
      ? [{ ...about, part: null, class: error.class, message: `${error.message} ${error.advice}` }]
      : []),
    ...run.parts
      .filter(({ status }) => status === 'failed')
      .map((part) => ({
        ...about,
        part: part.name,
        class: part.error_class ?? null,
        message: part.note ?? adviceFor(part.error_class),
      })),
  ];
}

function adviceFor(errorClass: string | null | undefined): string {
  return ERROR_CLASSES[errorClass && isErrorClass(errorClass) ? errorClass : 'unknown'].advice;
}

async function latestSnapshot(database: Database): Promise<CollectionReport['snapshot']> {
  const snapshot = await database.snapshots.latestStored();
  if (snapshot === undefined) return null;
  return {
    name: snapshot._id,
    at: snapshot.started_at,
    sizeBytes: snapshot.size ?? null,
    verifiedAt: snapshot.verified_at ?? null,
  };
}

function startOfDay(at: Date): Date {
  return new Date(Math.floor(at.getTime() / DAY_MS) * DAY_MS);
}
