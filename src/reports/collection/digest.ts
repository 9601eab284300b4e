import { plainText } from '../../text/plain-text.ts';
import { formatBytes } from '../../text/units.ts';
import { isUnhealthy } from './health.ts';
import { formatNumber, healthText, periodText } from './report-words.ts';
import type { CollectionReport } from './report.ts';

const MOST_PROBLEMS = 5;
const MAX_TEXT = 140;

/** What a day brought, in a few lines for a chat or a mailbox. */
export interface Digest {
  /** A few words in ASCII: some services take it as a header. */
  readonly title: string;
  readonly text: string;
}

/** Writes the digest of a report. */
export function writeDigest(report: CollectionReport): Digest {
  const { totals, sources, health, problems, audio, snapshot } = report;
  const troubled = health.filter(({ state }) => isUnhealthy(state));
  const lines = [
    periodText(report),
    `${formatNumber(totals.new)} new documents, ${formatNumber(totals.updated)} updated, ${formatNumber(totals.duplicate)} duplicates, ${formatNumber(totals.rejected)} rejected; ${formatNumber(totals.documents)} in all.`,
    ...sources
      .filter(({ counts }) => counts.new + counts.updated > 0)
      .map(
        ({ label, counts }) =>
          `- ${plainText(label, MAX_TEXT)}: +${formatNumber(counts.new + counts.updated)}`,
      ),
    `Audio: ${formatNumber(audio.videos.total)} videos, ${audio.hours.toFixed(1)} h, ${formatBytes(audio.bytes)}; ${formatNumber(audio.videos.failed)} failed.`,
    snapshot === null
      ? 'There is no snapshot.'
      : `Last snapshot: ${snapshot.name}${snapshot.verifiedAt === null ? ', not verified' : ', verified'}.`,
    ...troubled.map(
      ({ label, state, reason }) =>
        `${plainText(label, MAX_TEXT)}: ${healthText(state)}.${reason === null ? '' : ` ${plainText(reason, MAX_TEXT)}`}`,
    ),
    ...problems
      .slice(0, MOST_PROBLEMS)
      .map(({ sourceId, message }) => `${sourceId}: ${plainText(message, MAX_TEXT)}`),
  ];
  return {
    title: `Collection: +${String(totals.inserted)} documents${troubled.length === 0 ? '' : `, ${String(troubled.length)} in trouble`}`,
    text: lines.join('\n'),
  };
}
