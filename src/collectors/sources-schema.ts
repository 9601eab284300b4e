import { z } from 'zod';
import { cronPatternSchema, timeZoneSchema } from '../config/cron.ts';
import { sourceIdSchema } from '../queues/payloads.ts';
import type { CollectorKind } from './collector.ts';
import { REQUIRABLE_FIELDS } from './configured-source.ts';

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
    .strictObject({
      pattern: cronPatternSchema
        .exactOptional()
        .describe('When the source is collected: a cron pattern such as "0 2 * * *" (02:00 every day).'),
      timeZone: timeZoneSchema
        .exactOptional()
        .describe('The time zone of the pattern, such as Europe/Paris.'),
    })
    .optional()
    .describe('When the source is collected. Default: the schedule of its kind.'),
  freshness: z
    .strictObject({
      warnAfterHours: hours
        .optional()
        .describe('Health warns when the last successful run is older than this.'),
      errorAfterHours: hours
        .optional()
        .describe('The source is stale when the last successful run is older than this.'),
    })
    .optional()
    .describe('The maximum age of the last successful run. Default: that of its kind.'),
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
