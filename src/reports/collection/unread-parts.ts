import type { RunPart } from '../../database/collections/run.ts';
import type { PartsOfRun } from '../../database/run-overview.ts';
import { adviceFor } from '../../domain/error-classes.ts';
import type { UnreadPart } from './health-cause.ts';

/**
 * The parts that the latest runs of a source did not read: those that failed in the latest, and those that were skipped in
 * the latest two, as a feed is that asks for a pause or stays broken. Skipped once is usual. `since` is the beginning of
 * the first run in a row that did not read the part.
 * @param runs that have ended, newest first.
 */
export function unreadPartsOf(runs: readonly Omit<PartsOfRun, '_id'>[]): UnreadPart[] {
  const [latest, ...earlier] = runs;
  if (latest === undefined) return [];
  const unread = latest.parts.filter(isUnread).map((part) => ({ part, since: latest.started_at, times: 1 }));
  let open = new Map(unread.map((entry) => [entry.part.name, entry]));
  for (const run of earlier) {
    const names = new Set(run.parts.filter(isUnread).map(({ name }) => name));
    open = new Map([...open].filter(([name]) => names.has(name)));
    if (open.size === 0) break;
    for (const entry of open.values()) {
      entry.since = run.started_at;
      entry.times += 1;
    }
  }
  return unread
    .filter(({ part, times }) => part.status === 'failed' || times > 1)
    .map(({ part, since }) => ({
      name: part.name,
      since,
      note: part.note ?? adviceFor(part.error_class),
    }));
}

export function isUnread({ status }: RunPart): boolean {
  return status === 'failed' || status === 'skipped';
}
