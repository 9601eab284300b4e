import { z } from 'zod';
import { isQueueName } from '../../src/queues/catalogue.ts';
import { callOfDeathSchema } from './dying-at-calls.ts';

/** What between two systems dies: the parts of a worker process whose calls can be the last ones. */
const PARTS = ['videos', 'attempts', 'queues', 'staging', 'audio', 'bucket', 'mirror'] as const;

/** Where the process is killed. */
export const deathSchema = callOfDeathSchema.extend({ part: z.enum(PARTS) });

/** What a test worker does besides the work of a real one; handed over as JSON in its first argument. */
export const crashPlanSchema = z.object({
  queues: z.array(z.string()).transform((names) => names.filter(isQueueName)),
  death: deathSchema.optional(),
  audio: z
    .object({
      /** Small files made at once in place of real downloads; `real` runs the real programs. */
      kind: z.enum(['instant', 'real']).default('instant'),
      sizeBytes: z
        .number()
        .int()
        .positive()
        .default(64 * 1024),
      /** The process is killed whenever the audio of this video is begun. */
      deadlyVideoId: z.string().optional(),
      /** How long others take, so that they are under way when it dies. */
      takesMs: z.number().default(0),
      /** Whether they go on although they were told to stop. */
      isDeaf: z.boolean().default(false),
      /** Blocks the whole process for so long when the audio of the first video is begun. */
      blocksMs: z.number().default(0),
      /** The first calls, counted over all processes, fail in this way. */
      failures: z
        .object({ outcome: z.enum(['transient', 'permanent']), calls: z.number() })
        .default({ outcome: 'transient', calls: 0 }),
    })
    .prefault({}),
  /** Sends files in parts from this size on. */
  partedFromBytes: z.number().optional(),
});

export type Death = z.input<typeof deathSchema>;
export type CrashPlan = z.output<typeof crashPlanSchema>;
