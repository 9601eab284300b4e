import { z } from 'zod';
import { cronPatternSchema, timeZoneSchema } from '../config/cron.ts';
import { sourceIdSchema } from '../queues/payloads.ts';
import type { CollectorKind } from './collector.ts';
import { REQUIRABLE_FIELDS } from './configured-source.ts';

const hours = z.number().positive();

const commonFields = {
  id: sourceIdSchema.describe(
    'Names the source in commands, records and reports: a–z, 0–9 and single hyphens. Another id is another source.',
  ),
  label: z.string().min(1).max(120).optional().describe('The name that people read. Default: the id.'),
  enabled: z
    .boolean()
    .default(true)
    .describe('false: it is not collected on schedule, only by hand. Default: true.'),
  schedule: z
    .strictObject({
      pattern: cronPatternSchema
        .optional()
        .describe('When it is collected: a cron pattern such as "0 2 * * *" (02:00 every day).'),
      timeZone: timeZoneSchema
        .optional()
        .describe('The time zone in which the pattern is read, such as Europe/Paris.'),
    })
    .optional()
    .describe('When it is collected. Default: as is usual for its kind.'),
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
    .describe('How old the last successful run may become. Default: as is usual for its kind.'),
  retentionDays: z
    .number()
    .positive()
    .optional()
    .describe('Documents are removed so many days after they were first seen. Default: never.'),
  maxItemsPerRun: z
    .int()
    .positive()
    .optional()
    .describe('A run ends as `partial` when it took so many new or changed documents; the next one goes on.'),
  minItems: z
    .int()
    .positive()
    .optional()
    .describe(
      'A run that sees fewer items is `partial` and does not count as fresh, unless the source says that nothing changed.',
    ),
  requiredFields: z
    .array(z.enum(REQUIRABLE_FIELDS))
    .default([])
    .describe('Documents without these are rejected. Default: none is required.'),
};

/** The schema of one entry of sources.yaml, of this kind. */
export function entrySchema({ kind, settingsSchema }: CollectorKind) {
  const isOptional = settingsSchema.safeParse({}).success;
  return z.strictObject({
    ...commonFields,
    kind: z.literal(kind),
    settings: isOptional ? settingsSchema.optional() : settingsSchema,
  });
}

/** What the entries of all kinds have in common, once parsed. */
export type SourceEntry = z.output<ReturnType<typeof entrySchema>>;

/** The JSON schema of sources.yaml, with which editors complete and check it. */
export function sourcesJsonSchema(kinds: readonly CollectorKind[]): unknown {
  const entries = kinds.map(entrySchema);
  const [first, ...others] = entries;
  if (first === undefined) throw new Error('There is no kind of source.');
  const file = z.strictObject({
    sources: z.array(z.union([first, ...others])).describe('Everything that is collected.'),
  });
  return z.toJSONSchema(file, { target: 'draft-7', io: 'input', unrepresentable: 'any' });
}

/** The text of `sources.schema.json`. */
export function sourcesJsonSchemaText(kinds: readonly CollectorKind[]): string {
  return `${JSON.stringify(sourcesJsonSchema(kinds), null, 2)}\n`;
}
