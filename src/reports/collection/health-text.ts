import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { formatTextTable, numbers } from '../../text/tables.ts';
import { describeCause } from './health-cause.ts';
import { HEALTH_STATES, isUnhealthy } from './health.ts';
import type { CollectionHealth } from './read-health.ts';

const MAX_LABEL_LENGTH = 50;
const MAX_REASON_LENGTH = 300;

/** The health of the collection as text for a terminal. */
export function formatHealth(health: CollectionHealth, messages: Messages): string {
  const { words, format } = messages;
  const texts = messages.health;
  if (health.sources.length === 0) return texts.noSources;
  const table = formatTextTable(
    [
      words.source.toUpperCase(),
      ...numbers(words.documents),
      words.state,
      words.lastSuccess,
      words.lastNewItem,
      ...numbers(words.limit),
      words.nextRun,
    ],
    health.sources.map((source) => [
      plainText(source.label, MAX_LABEL_LENGTH),
      format.number(source.documents),
      texts.states[source.state],
      format.moment(source.lastSuccessAt),
      format.moment(source.lastNewItemAt),
      `${format.number(source.errorAfterHours)} h`,
      format.moment(source.nextRunAt),
    ]),
  );
  const reasons = health.sources.flatMap(({ label, cause }) =>
    cause === null
      ? []
      : texts.causes.part(
          plainText(label, MAX_LABEL_LENGTH),
          plainText(describeCause(cause, messages), MAX_REASON_LENGTH),
        ),
  );
  const states = HEALTH_STATES.filter((state) => health.summary[state] > 0)
    .map((state) => texts.stateCounts[state](health.summary[state]))
    .join(', ');
  return [
    table,
    ...(reasons.length === 0 ? [] : [reasons.join('\n')]),
    texts.summary(states, health.documents),
    ...(health.countedAt === null
      ? []
      : [`${messages.videos.countedAt} ${format.moment(health.countedAt)}.`]),
    ...(health.sources.some(({ state }) => isUnhealthy(state)) ? [texts.someUnhealthy] : []),
  ].join('\n\n');
}
