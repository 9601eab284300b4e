import { styleText } from 'node:util';
import type { PlaylistLine } from '../../producers/playlist-lines.ts';
import type { Expansion } from '../../producers/expansion-tally.ts';

/** A playlist that could not be expanded. */
export interface FailedExpansion {
  readonly id: string;
  readonly url: string;
  readonly error: { readonly class: string; readonly message: string; readonly advice: string };
}

/** A line that was not understood. */
export interface RefusedLine {
  readonly source: string;
  readonly number: number;
  readonly text: string;
  readonly reason: string;
}

/** The whole outcome, as `--json` prints it. */
export interface EnqueueReport {
  readonly dryRun: boolean;
  readonly interrupted: boolean;
  readonly playlists: readonly Expansion[];
  readonly failed: readonly FailedExpansion[];
  readonly refusedLines: readonly RefusedLine[];
  readonly totals: { readonly found: number; readonly accepted: number; readonly new: number };
}

const SHOWN_LENGTH = 80;
const SHOWN_MESSAGE_LENGTH = 300;

/** Text from outside for a terminal: shortened, and with no character that could steer it. */
export function shown(text: string, maxLength = SHOWN_LENGTH): string {
  const plain = text.replaceAll(/\p{C}/gu, '\uFFFD');
  return plain.length > maxLength ? `${plain.slice(0, maxLength)}…` : plain;
}

/** `playlist.txt:12`, or the argument's place. */
export function placeOf(line: Pick<PlaylistLine, 'source' | 'number'>): string {
  return line.source === 'argument'
    ? `argument ${String(line.number)}`
    : `${shown(line.source)}:${String(line.number)}`;
}

/** One line for one expanded playlist. */
export function summaryLine(result: Expansion, dryRun: boolean): string {
  const title = result.title === undefined ? result.id : `${shown(result.title)} (${result.id})`;
  const of = result.announced === undefined ? '' : ` of ${String(result.announced)} announced`;
  const skipped = Object.entries(result.skipped).map(
    ([reason, count]) => `${String(count)} ${words(reason)}`,
  );
  const parts = [
    `${String(result.found)}${of} found`,
    `${String(result.new)} ${dryRun ? 'would be new' : 'new'}`,
    `${String(result.alreadyKnown)} known already`,
    ...(result.reopened > 0 ? [`${String(result.reopened)} opened again`] : []),
    ...(skipped.length > 0 ? [`left out: ${skipped.join(', ')}`] : []),
    ...(result.repeated > 0 ? [`${String(result.repeated)} listed twice`] : []),
  ];
  const line = `${title}: ${parts.join(', ')}`;
  return result.complete ? line : `${line}. ${incompleteness(result)}`;
}

/** One line for a playlist that could not be expanded. */
export function failureLine(failed: FailedExpansion): string {
  return `${failed.id}: ${styleText('red', 'failed')} (${failed.error.class}). ${shown(failed.error.message, SHOWN_MESSAGE_LENGTH)} ${failed.error.advice}`;
}

function incompleteness(result: Expansion): string {
  const [first] = result.problems;
  const reason =
    first === undefined
      ? 'the site listed fewer entries than it announces; private ones may be hidden'
      : `${shown(first, SHOWN_MESSAGE_LENGTH)}${result.problems.length > 1 ? ` (and ${String(result.problems.length - 1)} more)` : ''}`;
  return `${styleText('yellow', 'INCOMPLETE')}: ${reason}`;
}

function words(reason: string): string {
  return reason.replaceAll('_', ' ');
}
