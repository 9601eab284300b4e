import type { RunDocument } from '../../database/collections/run.ts';
import { disabledReason, type ConfiguredSource } from '../../collectors/configured-source.ts';
import { nextTick } from '../../config/cron.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatTextTable, numbers } from '../../text/tables.ts';
import { formatMoment } from '../../text/units.ts';
import type { EndedRun } from './follow-runs.ts';

const COUNTS = ['seen', 'new', 'updated', 'duplicate', 'rejected', 'media'] as const;
const MAX_MESSAGE_LENGTH = 200;

/** A run as `--json` prints it. */
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

/** Runs as a table, with notes and errors below it. */
export function formatRuns(ended: readonly EndedRun[]): string {
  const table = formatTextTable(
    ['SOURCE', 'status', ...numbers(...COUNTS)],
    ended.map(({ sourceId, run }) => [
      sourceId,
      run?.status ?? 'lost',
      ...COUNTS.map((name) => (run === undefined ? '–' : String(run.counts[name]))),
    ]),
  );
  return [table, ...ended.flatMap(remarksOf)].join('\n');
}

export function formatSources(
  sources: readonly ConfiguredSource[],
  latest: ReadonlyMap<string, RunDocument | undefined>,
  at: Date,
): string {
  return formatTextTable(
    ['SOURCE', 'kind', 'schedule', 'next run', 'last run', 'state'],
    sources.map((source) => {
      const { pattern, timeZone } = source.schedule;
      const reason = disabledReason(source);
      const last = latest.get(source.id);
      return [
        source.id,
        source.kind,
        `${pattern} ${timeZone}`,
        reason === undefined ? formatMoment(nextTick(source.schedule, at)) : '–',
        last === undefined ? 'never' : `${formatMoment(last.started_at)} ${last.status}`,
        reason === undefined ? 'enabled' : `disabled: ${reason}`,
      ];
    }),
  );
}

function remarksOf({ sourceId, run }: EndedRun): string[] {
  if (run === undefined) return [`! ${sourceId}: its job was lost before it started; run the command again.`];
  const next = run.next_retry_at ? ` Next attempt at ${formatMoment(run.next_retry_at)}.` : '';
  return [
    ...(run.note ? [`! ${sourceId}: ${plainText(run.note, MAX_MESSAGE_LENGTH)}`] : []),
    ...(run.error
      ? [`! ${sourceId}: ${plainText(run.error.message, MAX_MESSAGE_LENGTH)}${next}\n  → ${run.error.advice}`]
      : []),
    ...run.parts
      .filter(({ status }) => status === 'failed')
      .map(
        ({ name, note }) =>
          `! ${sourceId}, ${plainText(name, MAX_MESSAGE_LENGTH)}: ${plainText(note ?? 'failed', MAX_MESSAGE_LENGTH)}`,
      ),
  ];
}
