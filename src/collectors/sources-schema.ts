import { z } from 'zod';
import { timeZoneSchema } from '../config/cron.ts';
import { sourceIdSchema } from '../queues/payloads.ts';
import type { CollectorKind } from './collector.ts';
import { REQUIRABLE_FIELDS } from './configured-source.ts';
import { headersSchema, sourceSchedulePatternSchema, userAgentSchema } from './source-values.ts';

export function areDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

const hours = z.number().positive();

const commonFields = {
  id: sourceIdSchema.describe(
    'Identifies the source in commands, records and reports: a–z, 0–9 and single hyphens. A new id makes a new source.',
  ),
  label: z.string().min(1).max(120).optional().describe('The name that people see. Default: the id.'),
  enabled: z
    .boolean()
    .default(true)
    .describe('false: not collected on schedule, only by hand. Default: true.'),
  schedule: z
    .union([
      sourceSchedulePatternSchema,
      z.strictObject({
        pattern: sourceSchedulePatternSchema.exactOptional(),
        timeZone: timeZoneSchema
          .exactOptional()
          .describe('The time zone of the pattern, such as Europe/Paris. Default: that of its kind.'),
      }),
    ])
    .optional()
    .describe(
      'When the source is collected: a cron pattern, or pattern and timeZone. Default: that of its kind.',
    ),
  freshness: z
    .strictObject({
      warnAfterHours: hours
        .optional()
        .describe('Health warns when the last successful run is older than this.'),
      errorAfterHours: hours
        .optional()
        .describe('The source is stale when the last successful run is older than this.'),
      quietAfterHours: hours
        .optional()
        .describe('Health warns when the source has brought nothing new for longer than this.'),
    })
    .optional()
    .describe(
      'The maximum age of the last successful run, and of the last new item. Default: those of its kind.',
    ),
  retentionDays: z
    .number()
    .positive()
    .optional()
    .describe('Documents are removed this many days after they were first seen. Default: never.'),
  maxItemsPerRun: z
    .int()
    .positive()
    .optional()
    .describe('A run ends as `partial` after this many new or changed documents; the next run continues.'),
  minItems: z
    .int()
    .positive()
    .optional()
    .describe(
      'A run that sees fewer items is `partial` and does not count as fresh, unless the source reports that nothing changed.',
    ),
  userAgent: userAgentSchema
    .optional()
    .describe(
      'The User-Agent of the requests of this source. The rules of robots.txt for Sonotheque apply all the same. Default: name and version of this program and COLLECT_CONTACT_URL.',
    ),
  headers: headersSchema
    .optional()
    .describe(
      'Headers of the requests of this source, such as Authorization: Bearer ${NAME}. Secrets stand in the environment variable SOURCE_SECRETS and are never shown. Headers are only sent to the addresses in this entry, not to where they redirect or link.',
    ),
  timeoutSeconds: z
    .number()
    .positive()
    .max(3_600)
    .optional()
    .describe('The longest time for one request. Default: COLLECT_TIMEOUT_SECONDS.'),
  requiredFields: z
    .array(z.enum(REQUIRABLE_FIELDS))
    .default([])
    .describe('Documents without these fields are rejected. Default: none.'),
};

export function entrySchema({ kind, settingsSchema }: CollectorKind) {
  const isOptional = settingsSchema.safeParse({}).success;
  return z.strictObject({
    ...commonFields,
    kind: z.literal(kind),
    settings: isOptional ? settingsSchema.optional() : settingsSchema,
  });
}

export type SourceEntry = z.output<ReturnType<typeof entrySchema>>;

/** The text of `sources.schema.json`: the JSON schema with which editors complete and check sources.yaml. */
export function sourcesJsonSchemaText(kinds: readonly CollectorKind[]): string {
  const [first, ...others] = kinds.map(entrySchema);
  if (first === undefined) throw new Error('There is no kind of source.');
  const file = z.strictObject({
    sources: z.array(z.union([first, ...others])).describe('All sources.'),
  });
  const schema = z.toJSONSchema(file, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
