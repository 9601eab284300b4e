import { plainText } from '../../text/plain-text.ts';
import { formatTextTable, numbers } from '../../text/tables.ts';
import { formatMoment, formatNumber } from '../../text/units.ts';
import { HEALTH_LABELS, HEALTH_STATES, isUnhealthy } from './health.ts';
import type { CollectionHealth } from './read-health.ts';

const MAX_LABEL_LENGTH = 50;
const MAX_REASON_LENGTH = 100;

/** The health of the collection as text for a terminal. */
export function formatHealth(health: CollectionHealth): string {
  if (health.sources.length === 0) return 'No sources are configured. They are listed in sources.yaml.';
  const table = formatTextTable(
    [
      'SOURCE',
      ...numbers('documents'),
      'state',
      'last success',
      'last new item',
      ...numbers('limit'),
      'next run',
    ],
    health.sources.map((source) => [
      plainText(source.label, MAX_LABEL_LENGTH),
      formatNumber(source.documents),
      HEALTH_LABELS[source.state],
      formatMoment(source.lastSuccessAt),
      formatMoment(source.lastNewItemAt),
      `${String(source.errorAfterHours)} h`,
      formatMoment(source.nextRunAt),
    ]),
  );
  const reasons = health.sources
    .filter(({ reason }) => reason !== null)
    .map(
      ({ label, reason }) =>
        `${plainText(label, MAX_LABEL_LENGTH)}: ${plainText(reason ?? '', MAX_REASON_LENGTH)}`,
    );
  const summary = HEALTH_STATES.filter((state) => health.summary[state] > 0)
    .map((state) => `${String(health.summary[state])} ${HEALTH_LABELS[state]}`)
    .join(', ');
  return [
    table,
    ...(reasons.length === 0 ? [] : [reasons.join('\n')]),
    `${summary}; ${formatNumber(health.documents)} documents in total.`,
    ...(health.sources.some(({ state }) => isUnhealthy(state))
      ? [
          'Some sources are unhealthy. Check that workers are running (`npm run status`) and why runs fail (`npm run report`).',
        ]
      : []),
  ].join('\n\n');
}
