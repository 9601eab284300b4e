import { RUN_STATUSES, type RunCounts, NO_COUNTS } from '../../database/collections/run.ts';
import type { Database } from '../../database/database.ts';
import { addCounts, type RunSums, type RunWithProblems } from '../../database/run-overview.ts';
import { recordOf } from '../../domain/defined-fields.ts';
import type { Messages } from '../../text/messages/en.ts';
import { describeTotals } from '../status.ts';
import type { SourceHealth } from './health.ts';
import { readHealth, type HealthDependencies } from './read-health.ts';

const DAY_MS = 24 * 3_600_000;
const GROWTH_DAYS = 30;
const MAX_FAILED_RUNS = 500;
const MAX_PROBLEMS = 30;

/** The labels of the sources, by their ids. */
type Labels = ReadonlyMap<string, string>;

export interface ReportPeriod {
  readonly from: Date;
  /** Exclusive. */
  readonly to: Date;
}

export function lastHours(hours: number, at: Date): ReportPeriod {
  return { from: new Date(at.getTime() - hours * 3_600_000), to: at };
}

export function formatPeriod({ from, to }: ReportPeriod, { format, report }: Messages): string {
  return report.period(format.moment(from), format.moment(to));
}

/** The content of a report, before it is written as HTML, Markdown or JSON. */
export type CollectionReport = Awaited<ReturnType<typeof gatherReport>>;

export interface ReportDependencies extends HealthDependencies {
  readonly hasMirror: boolean;
}

/**
 * Reads everything that the report of a period shows. Growth is what the runs counted as inserted, not a difference of
 * totals: documents that the retention removed do not reduce it.
 * @throws TransientError when MongoDB does not answer.
 */
export async function gatherReport(dependencies: ReportDependencies, period: ReportPeriod, at: Date) {
  const { database } = dependencies;
  const startOfDayMs = Math.floor(at.getTime() / DAY_MS) * DAY_MS;
  const growthFrom = new Date(startOfDayMs - (GROWTH_DAYS - 1) * DAY_MS);
  const [health, tallies, growth, failedRuns, videos, audio, snapshot, records] = await Promise.all([
    readHealth({ ...dependencies, isExact: true }, at),
    database.runOverview.dailySums(period.from, period.to),
    database.runOverview.dailySums(growthFrom, new Date(startOfDayMs + DAY_MS)),
    database.runOverview.withProblems(period.from, period.to, MAX_FAILED_RUNS),
    database.overview.countByStatus(),
    database.audioTotals.read(),
    latestSnapshot(database),
    database.sources.all(),
  ]);
  const reported = health.sources.map((source) => reportSource(source, tallies));
  const labels = new Map(records.map(({ _id: id, label }) => [id, label]));
  for (const { id, label } of reported) labels.set(id, label);
  const { seen: _seen, ...counts } = sumCounts(tallies);
  return {
    at,
    ...period,
    totals: { documents: health.documents, inserted: counts.new + counts.updated, ...counts },
    sources: reported,
    kinds: sumByKind(reported),
    growth: growthByDay(growth, growthFrom),
    rejects: sumRejects(failedRuns, labels),
    problems: failedRuns.flatMap((run) => problemsOf(run, labels)).slice(0, MAX_PROBLEMS),
    health: health.sources,
    audio: { ...describeTotals(videos, audio), unmirrored: dependencies.hasMirror ? videos.stored : null },
    snapshot,
  };
}

/** `documents` are those in the database now; the counts, and the bytes received, are of the period. */
function reportSource({ id, kind, label, state, documents }: SourceHealth, tallies: readonly RunSums[]) {
  const own = tallies.filter(({ sourceId }) => sourceId === id);
  const runs = recordOf(RUN_STATUSES, (status) =>
    sumOf(own, (tally) => (tally.status === status ? tally.runs : 0)),
  );
  return {
    ...{ id, kind, label, state, documents, runs },
    counts: sumCounts(own),
    bytes: sumOf(own, ({ bytes }) => bytes),
  };
}

function sumCounts(tallies: readonly RunSums[]): RunCounts {
  return tallies.reduce((sum, { counts }) => addCounts(sum, counts), NO_COUNTS);
}

function sumOf<T>(items: readonly T[], valueOf: (item: T) => number): number {
  return items.reduce((sum, item) => sum + valueOf(item), 0);
}

function sumByKind(sources: readonly ReturnType<typeof reportSource>[]) {
  return [...Map.groupBy(sources, ({ kind }) => kind)]
    .map(([kind, own]) => ({
      kind,
      documents: sumOf(own, ({ documents }) => documents),
      inserted: sumOf(own, ({ counts }) => counts.new + counts.updated),
    }))
    .sort((first, second) => second.documents - first.documents);
}

/** The documents inserted on each of the last days (UTC), oldest first; 0 on days without a run. */
function growthByDay(tallies: readonly RunSums[], from: Date) {
  return Array.from({ length: GROWTH_DAYS }, (_, index) => {
    const day = new Date(from.getTime() + index * DAY_MS).toISOString().slice(0, 10);
    const inserted = sumOf(tallies, (tally) =>
      tally.day === day ? tally.counts.new + tally.counts.updated : 0,
    );
    return { day, inserted };
  });
}

function sumRejects(runs: readonly RunWithProblems[], labels: Labels) {
  const sums = new Map<string, { sourceId: string; label: string; reason: string; count: number }>();
  for (const { source_id: sourceId, reject_reasons: reasons } of runs) {
    for (const [reason, count] of Object.entries(reasons)) {
      const key = `${sourceId} ${reason}`;
      const sum = count + (sums.get(key)?.count ?? 0);
      sums.set(key, { sourceId, label: labels.get(sourceId) ?? sourceId, reason, count: sum });
    }
  }
  return [...sums.values()].sort((first, second) => second.count - first.count);
}

/**
 * The errors of a run: of the run as a whole (`part` is null) and of its parts (feed, city, page …). Class and message are
 * null where they are not known.
 */
function problemsOf(run: RunWithProblems, labels: Labels) {
  const { source_id: sourceId, started_at: at, error, parts } = run;
  const shared = { sourceId, label: labels.get(sourceId) ?? sourceId, at };
  const failedParts = parts
    .filter(({ status }) => status === 'failed')
    .map(({ name: part, error_class: errorClass, note }) => {
      return { ...shared, part, class: errorClass ?? null, message: note ?? null };
    });
  if (!error) return failedParts;
  return [{ ...shared, part: null, class: error.class, message: error.message }, ...failedParts];
}

/** The source, and the part of it, that had a problem. */
export function placeOf({ label, part }: CollectionReport['problems'][number]): string {
  return part === null ? label : `${label}, ${part}`;
}

/** An error in words: of a whole run with what to do about it, of a part only where nothing else is known. */
export function describeProblem(
  { part, class: errorClass, message }: CollectionReport['problems'][number],
  { advice }: Messages,
): string {
  if (message === null) return advice(errorClass);
  return part === null ? `${message} ${advice(errorClass)}` : message;
}

async function latestSnapshot(database: Database) {
  const snapshot = await database.snapshots.latestStored();
  if (snapshot === undefined) return null;
  return {
    name: snapshot._id,
    at: snapshot.started_at,
    sizeBytes: snapshot.size ?? null,
    verifiedAt: snapshot.verified_at ?? null,
  };
}
