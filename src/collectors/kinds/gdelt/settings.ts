import { z } from 'zod';

/** The settings of a source of kind `gdelt` in sources.yaml. */
export const gdeltSettingsSchema = z.strictObject({
  translation: z
    .boolean()
    .default(false)
    .describe('Also read the events of articles that GDELT translated, such as French news. Default: false.'),
  countries: z
    .array(z.string().regex(/^[A-Z]{2}$/, 'is not a FIPS 10-4 code such as FR'))
    .default([])
    .describe(
      'Keep events whose place, or the place of one of its actors, is in these countries: FIPS 10-4 codes, which are not those of ISO (Germany is GM, Benin is BN). Empty: every country.',
    ),
  minMentions: z
    .int()
    .min(0)
    .default(1)
    .describe('Keep events that were mentioned so often in their first quarter of an hour. Default: 1.'),
  eventRootCodes: z
    .array(z.string().regex(/^(0[1-9]|1\d|20)$/, 'is not a root code of CAMEO from "01" to "20"'))
    .default([])
    .describe(
      'Keep events of these kinds: root codes of CAMEO in quotation marks ("14": protest). Empty: all.',
    ),
  maxSlots: z
    .int()
    .min(1)
    .max(2000)
    .default(96)
    .describe(
      'So many slots of 15 minutes are made up for; older ones are recorded as a gap. Default: 96 (a day).',
    ),
  maxTries: z
    .int()
    .min(1)
    .max(100)
    .default(4)
    .describe(
      'A slot that is missing or broken is looked for under so many listings, then recorded as a gap. Default: 4.',
    ),
});

/** The settings of a source of kind `gdelt`. */
export type GdeltSettings = z.infer<typeof gdeltSettingsSchema>;
