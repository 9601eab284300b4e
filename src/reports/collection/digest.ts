import { plainText } from '../../text/plain-text.ts';
import { formatBytes, formatNumber } from '../../text/units.ts';
import { HEALTH_LABELS, isUnhealthy } from './health.ts';
import { formatPeriod, type CollectionReport } from './report.ts';

const MAX_PROBLEMS = 5;
const MAX_TEXT_LENGTH = 140;

/**
 * A summary of a report, in a few lines for a chat or a mailbox.
 * @returns the title in ASCII, because some services send it as an HTTP header
 */
export function writeDigest(report: CollectionReport) {
  const { totals, sources, health, problems, audio, snapshot } = report;
  const unhealthy = health.filter(({ state }) => isUnhealthy(state));
  const lines = [
    formatPeriod(report),
    `${formatNumber(totals.new)} new documents, ${formatNumber(totals.updated)} updated, ${formatNumber(totals.duplicate)} duplicates, ${formatNumber(totals.rejected)} rejected; ${formatNumber(totals.documents)} in total.`,
    ...sources
      .filter(({ counts }) => counts.new + counts.updated > 0)
      .map(
        ({ label, counts }) =>
          `- ${plainText(label, MAX_TEXT_LENGTH)}: +${formatNumber(counts.new + counts.updated)}`,
      ),
    `Audio: ${formatNumber(audio.videos.total)} videos, ${audio.hours.toFixed(1)} h, ${formatBytes(audio.bytes)}; ${formatNumber(audio.videos.failed)} failed.`,
    snapshot === null
      ? 'No snapshot yet.'
      : `Last snapshot: ${snapshot.name}${snapshot.verifiedAt === null ? ', not verified' : ', verified'}.`,
    ...unhealthy.map(
      ({ label, state, reason }) =>
        `${plainText(label, MAX_TEXT_LENGTH)}: ${HEALTH_LABELS[state]}.${reason === null ? '' : ` ${plainText(reason, MAX_TEXT_LENGTH)}`}`,
    ),
    ...problems
      .slice(0, MAX_PROBLEMS)
      .map(({ sourceId, message }) => `${sourceId}: ${plainText(message, MAX_TEXT_LENGTH)}`),
  ];
  return {
    title: `Collection: +${String(totals.inserted)} documents${unhealthy.length === 0 ? '' : `, ${String(unhealthy.length)} unhealthy`}`,
    text: lines.join('\n'),
  };
}
