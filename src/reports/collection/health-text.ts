import { plainText } from '../../text/plain-text.ts';
import { formatTextTable } from '../../text/text-table.ts';
import { HEALTH_STATES, isUnhealthy } from './health.ts';
import type { CollectionHealth } from './read-health.ts';
import { formatMoment, formatNumber, healthText } from './report-words.ts';

const MAX_LABEL = 50;
const MAX_REASON = 100;

/** The health of the collection as text for a terminal. */
export function formatHealth(health: CollectionHealth): string {
  if (health.sources.length === 0) return 'No source is configured. sources.yaml lists them.';
  const table = formatTextTable(
    [
      { heading: 'SOURCE' },
      { heading: 'documents', align: 'right' },
      { heading: 'state' },
      { heading: 'last success' },
      { heading: 'last new item' },
      { heading: 'limit', align: 'right' },
      { heading: 'next run' },
    ],
    health.sources.map((source) => [
      plainText(source.label, MAX_LABEL),
      formatNumber(source.documents),
      healthText(source.state),
      formatMoment(source.lastSuccessAt),
      formatMoment(source.lastNewItemAt),
      `${String(source.errorAfterHours)} h`,
      formatMoment(source.nextRunAt),
    ]),
  );
  const reasons = health.sources
    .filter(({ reason }) => reason !== null)
    .map(({ label, reason }) => `${plainText(label, MAX_LABEL)}: ${plainText(reason ?? '', MAX_REASON)}`);
  const summary = HEALTH_STATES.filter((state) => health.summary[state] > 0)
    .map((state) => `${String(health.summary[state])} ${healthText(state)}`)
    .join(', ');
  return [
    table,
    ...(reasons.length === 0 ? [] : [reasons.join('\n')]),
    `${summary}; ${formatNumber(health.documents)} documents in all.`,
    ...(health.sources.some(({ state }) => isUnhealthy(state))
      ? [
          'Some sources need a look: are workers running (`npm run status`), do the runs fail (`npm run report`)?',
        ]
      : []),
  ].join('\n\n');
}
