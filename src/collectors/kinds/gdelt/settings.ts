import { z } from 'zod';
import { SLOT_MS } from './slots.ts';

/** Three days: a source that is collected once a day loses nothing when a run is late or fails once. */
const DEFAULT_MAX_SLOTS = (3 * 24 * 3_600_000) / SLOT_MS;

export const gdeltSettingsSchema = z.strictObject({
  translation: z
    .boolean()
    .default(false)
    .describe(
      'Also collect events from articles that GDELT translated, such as French news. Default: false.',
    ),
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'is not a FIPS 10-4 code such as FR'))
    .default([])
    .describe(
      'Keep events whose place, or the place of one of its actors, is in these countries: FIPS 10-4 codes, which differ from ISO codes (Germany is GM, Benin is BN). Empty: all countries.',
    ),
  minMentions: z
    .int()
    .min(0)
    .default(1)
    .describe('Keep events with at least this many mentions in their first 15 minutes. Default: 1.'),
  eventRootCodes: z
    .array(z.string().regex(/^(0[1-9]|1\d|20)$/, 'is not a CAMEO root code from "01" to "20"'))
    .default([])
    .describe('Keep events of these kinds: CAMEO root codes in quotation marks ("14": protest). Empty: all.'),
  maxSlots: z
    .int()
    .min(1)
    .max(2000)
    .default(DEFAULT_MAX_SLOTS)
    .describe(
      `The most missed slots of 15 minutes that are collected later; older ones are recorded as a gap. Default: ${String(DEFAULT_MAX_SLOTS)} (three days).`,
    ),
  maxTries: z
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe(
      'How many listings a missing or broken slot is tried for before it is recorded as a gap. Default: 4.',
    ),
});

export type GdeltSettings = z.infer<typeof gdeltSettingsSchema>;
