import { styleText } from 'node:util';
import type { PlaylistLine } from '../../producers/playlist-lines.ts';
import type { Expansion } from '../../producers/expansion-tally.ts';
import type { Admission, RemovedLine } from '../../operations/playlist-file.ts';
import { plainText } from '../../text/plain-text.ts';

export interface FailedExpansion {
  readonly id: string;
  readonly url: string;
  readonly error: { readonly class: string; readonly message: string; readonly advice: string };
}

/** A line that names no playlist or video. */
export type RefusedLine = PlaylistLine & { readonly reason: string };

export interface LeftPlaylist {
  readonly id: string;
  readonly state: Exclude<Admission, 'wanted'>;
}

/** The result, as `--json` prints it. */
export interface EnqueueReport {
  readonly dryRun: boolean;
  readonly interrupted: boolean;
  readonly playlists: readonly Expansion[];
  readonly failed: readonly FailedExpansion[];
  readonly refusedLines: readonly RefusedLine[];
  /** Lines of files whose playlists a person paused or forgot. */
  readonly leftAlone: readonly LeftPlaylist[];
  /** Playlists that are still read although the playlist file does not name them any more. */
  readonly removedFromFile: readonly RemovedLine[];
  readonly totals: Pick<Expansion, 'found' | 'accepted' | 'new'>;
}

/** Of a title or an input line, in visible characters. */
export const MAX_TEXT_LENGTH = 80;
const MAX_MESSAGE_LENGTH = 300;

export function sumExpansions(results: readonly Expansion[]): EnqueueReport['totals'] {
  const sum = (field: 'found' | 'accepted' | 'new') =>
    results.reduce((total, result) => total + result[field], 0);
  return { found: sum('found'), accepted: sum('accepted'), new: sum('new') };
}

/** Where a line comes from: `playlist.txt:12` or `argument 3`. */
export function placeOf(line: Pick<PlaylistLine, 'source' | 'number'>): string {
  return line.source === 'argument'
    ? `argument ${String(line.number)}`
    : `${plainText(line.source, MAX_TEXT_LENGTH)}:${String(line.number)}`;
}

export function leftAloneLine(place: string, id: string, state: LeftPlaylist['state']): string {
  const command = state === 'paused' ? 'resume' : 'add';
  return `${place}: ${id} was ${state} and is left alone. \`npm run playlists -- ${command} ${id}\` takes it up again.`;
}

export function readmittedLine(
  place: string,
  id: string,
  state: LeftPlaylist['state'],
  dryRun: boolean,
): string {
  return `${place}: ${id} was ${state} and ${dryRun ? 'would be' : 'is'} taken up again.`;
}

export function totalsLine(playlists: number, totals: EnqueueReport['totals'], dryRun: boolean): string {
  return `${String(playlists)} playlists: ${String(totals.found)} found, ${String(totals.new)} ${dryRun ? 'would be new' : 'new'}.`;
}

export function summaryLine(result: Expansion, dryRun: boolean): string {
  const title =
    result.title === undefined ? result.id : `${plainText(result.title, MAX_TEXT_LENGTH)} (${result.id})`;
  const of = result.announced === undefined ? '' : ` of ${String(result.announced)} announced`;
  const skipped = Object.entries(result.skipped).map(
    ([reason, count]) => `${String(count)} ${reason.replaceAll('_', ' ')}`,
  );
  const nested = result.playlists.length;
  if (nested > 0) {
    const fresh = result.playlists.filter(({ isNew }) => isNew).length;
    const line = `${title}: ${String(nested)} playlists found, ${String(fresh)} ${dryRun ? 'would be new' : 'new'}`;
    return result.complete ? line : `${line}. ${incompleteness(result)}`;
  }
  const parts = [
    `${String(result.found)}${of} found`,
    `${String(result.new)} ${dryRun ? 'would be new' : 'new'}`,
    `${String(result.alreadyKnown)} already known`,
    ...(result.reopened > 0 ? [`${String(result.reopened)} reopened`] : []),
    ...(result.leftOut > 0
      ? [
          `${String(result.leftOut)} left out because a person skipped or deleted them (\`npm run videos -- --status skipped\`)`,
        ]
      : []),
    ...(skipped.length > 0 ? [`skipped: ${skipped.join(', ')}`] : []),
    ...(result.repeated > 0 ? [`${String(result.repeated)} repeated`] : []),
  ];
  const line = `${title}: ${parts.join(', ')}`;
  return result.complete ? line : `${line}. ${incompleteness(result)}`;
}

export function failureLine(failed: FailedExpansion): string {
  return `${failed.id}: ${styleText('red', 'failed')} (${failed.error.class}). ${plainText(failed.error.message, MAX_MESSAGE_LENGTH)} ${failed.error.advice}`;
}

function incompleteness(result: Expansion): string {
  const [first] = result.problems;
  const reason =
    first === undefined
      ? 'the site listed fewer entries than it announces; private videos may be hidden'
      : `${plainText(first, MAX_MESSAGE_LENGTH)}${result.problems.length > 1 ? ` (and ${String(result.problems.length - 1)} more)` : ''}`;
  return `${styleText('yellow', 'INCOMPLETE')}: ${reason}`;
}
