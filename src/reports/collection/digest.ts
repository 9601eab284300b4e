import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { describeCause } from './health-cause.ts';
import { isUnhealthy } from './health.ts';
import { describeProblem, formatPeriod, placeOf, type CollectionReport } from './report.ts';

const MAX_PROBLEMS = 5;
const MAX_TEXT_LENGTH = 140;
const MAX_REASON_LENGTH = 240;

/**
 * A summary of a report, in a few lines for a chat or a mailbox: what was collected, then every source that is not well, the
 * worst first.
 * @returns the title in ASCII, because some services send it as an HTTP header
 */
export function writeDigest(report: CollectionReport, messages: Messages) {
  const { totals, sources, health, problems, audio, snapshot } = report;
  const { digest: texts, format } = messages;
  const unhealthy = health.filter(({ state }) => isUnhealthy(state));
  const lines = [
    formatPeriod(report, messages),
    texts.counts(totals, totals.documents),
    ...sources
      .filter(({ counts }) => counts.new + counts.updated > 0)
      .map(({ label, counts }) =>
        texts.line(
          `- ${plainText(label, MAX_TEXT_LENGTH)}`,
          `+${format.number(counts.new + counts.updated)}`,
        ),
      ),
    texts.audio(audio.videos.total, audio.hours, audio.bytes, audio.videos.failed),
    snapshot === null
      ? messages.report.noSnapshot
      : texts.snapshot(snapshot.name, snapshot.verifiedAt !== null),
    ...health.flatMap(({ label, state, cause }) =>
      cause === null || state === 'disabled'
        ? []
        : texts.line(
            plainText(label, MAX_TEXT_LENGTH),
            `${messages.health.states[state]}. ${plainText(describeCause(cause, messages), MAX_REASON_LENGTH)}`,
          ),
    ),
    ...problems
      .slice(0, MAX_PROBLEMS)
      .map((problem) =>
        texts.line(
          plainText(placeOf(problem), MAX_TEXT_LENGTH),
          plainText(describeProblem(problem, messages), MAX_TEXT_LENGTH),
        ),
      ),
  ];
  return { title: texts.title(totals.inserted, unhealthy.length), text: lines.join('\n') };
}
