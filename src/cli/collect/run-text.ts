import { disabledReason, type ConfiguredSource } from '../../collectors/configured-source.ts';
import { nextTick } from '../../config/cron.ts';
import type { RunDocument } from '../../database/collection-documents.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatTextTable } from '../../text/text-table.ts';
import type { EndedRun } from './follow-runs.ts';

const COUNTS = ['seen', 'new', 'updated', 'duplicate', 'rejected', 'media'] as const;
const MAX_MESSAGE = 200;

/** A run for programs. */
export function reportRun({ sourceId, scheduledFor, run }: EndedRun) {
  return {
    source: sourceId,
    status: run?.status ?? 'lost',
    trigger: run?.trigger ?? 'manual',
    scheduledFor,
    startedAt: run?.started_at ?? null,
    finishedAt: run?.finished_at ?? null,
    nextTryAt: run?.next_retry_at ?? null,
    counts: run?.counts ?? Object.fromEntries(COUNTS.map((name) => [name, 0])),
    bytes: run?.bytes ?? 0,
    note: run?.note ?? null,
    error: run?.error ?? null,
  };
}

/** Runs as a table, with what went wrong below it. */
export function formatRuns(ended: readonly EndedRun[]): string {
  const table = formatTextTable(
    [
      { heading: 'SOURCE' },
      { heading: 'status' },
      ...COUNTS.map((heading) => ({ heading, align: 'right' }) as const),
    ],
    ended.map(({ sourceId, run }) => [
      sourceId,
      run?.status ?? 'lost',
      ...COUNTS.map((name) => (run === undefined ? '–' : String(run.counts[name]))),
    ]),
  );
  return [table, ...ended.flatMap(remarksOf)].join('\n');
}

/** Sources as a table. */
export function formatSources(
  sources: readonly ConfiguredSource[],
  latest: ReadonlyMap<string, RunDocument | undefined>,
  at: Date,
): string {
  return formatTextTable(
    ['SOURCE', 'kind', 'schedule', 'next run', 'last run', 'state'].map((heading) => ({ heading })),
    sources.map((source) => {
      const { pattern, timeZone } = source.schedule;
      const reason = disabledReason(source);
      const last = latest.get(source.id);
      return [
        source.id,
        source.kind,
        `${pattern} ${timeZone}`,
        reason === undefined ? minuteOf(nextTick(source.schedule, at)) : '–',
        last === undefined ? 'never' : `${minuteOf(last.started_at)} ${last.status}`,
        reason === undefined ? 'enabled' : `disabled: ${reason}`,
      ];
    }),
  );
}

/** `2026-03-29 01:00 UTC`. */
export function minuteOf(moment: Date): string {
  return `${moment.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function remarksOf({ sourceId, run }: EndedRun): string[] {
  if (run === undefined) return [`! ${sourceId}: its job was lost before it began; ask again.`];
  const next = run.next_retry_at ? ` It is tried again at ${minuteOf(run.next_retry_at)}.` : '';
  return [
    ...(run.note ? [`! ${sourceId}: ${plainText(run.note, MAX_MESSAGE)}`] : []),
    ...(run.error
      ? [`! ${sourceId}: ${plainText(run.error.message, MAX_MESSAGE)}${next}\n  → ${run.error.advice}`]
      : []),
    ...run.parts
      .filter(({ status }) => status === 'failed')
      .map(
        ({ name, note }) =>
          `! ${sourceId}, ${plainText(name, MAX_MESSAGE)}: ${plainText(note ?? 'failed', MAX_MESSAGE)}`,
      ),
  ];
}
