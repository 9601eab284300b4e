import { z } from 'zod';
import { callOfDeathSchema } from './dying-at-calls.ts';

/** What the scripted kind reads from a source, as its settings. */
export const scriptSchema = z.object({
  items: z.number().int().positive(),
  /** Each run reads as many further items; else a source has its items and no more. */
  isEndless: z.boolean().default(false),
  checkpointEvery: z.number().int().positive().default(5),
  itemMs: z.number().default(0),
  /** The process is killed whenever it comes to this item. */
  deadlyItem: z.number().optional(),
});

/** What a test worker collects and where it dies; handed over as JSON in its first argument. */
export const collectingPlanSchema = z.object({
  queues: z.array(z.enum(['collect', 'retry', 'maintenance'])).default(['collect', 'retry']),
  sources: z.array(
    z.object({ id: z.string(), pattern: z.string().default('0 * * * *'), script: scriptSchema }),
  ),
  death: callOfDeathSchema.extend({ part: z.enum(['documents', 'runs', 'sources']) }).optional(),
});

export type CollectingPlan = z.input<typeof collectingPlanSchema>;
/** Where every beginning and end of a reading is noted, in the directory of the test setting. */
export const NOTES_FILE = 'readings.txt';
