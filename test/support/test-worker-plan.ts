import { z } from 'zod';
import { QUEUE_NAMES } from '../../src/domain/queues.ts';
import type { Database } from '../../src/database/database.ts';
import type { AudioPipeline } from '../../src/media/audio-pipeline.ts';
import type { JobQueues } from '../../src/queues/job-queues.ts';
import type { Staging } from '../../src/staging/staging.ts';
import type { AzureBlobStore } from '../../src/storage/azure-blob-store.ts';
import type { MinioStore } from '../../src/storage/minio-store.ts';
import { killPointSchema } from './kill-points.ts';

/** The objects of a worker process whose calls can be its last ones. */
const PARTS = [
  ...(['videos', 'backlog', 'attempts', 'documents', 'runs', 'sources'] as const),
  ...(['queues', 'staging', 'audio', 'bucket', 'mirror'] as const),
];
type Part = (typeof PARTS)[number];

type PartTypes = Pick<Database, 'videos' | 'backlog' | 'attempts' | 'documents' | 'runs' | 'sources'> & {
  readonly queues: JobQueues;
  readonly staging: Staging;
  readonly audio: AudioPipeline;
  readonly bucket: MinioStore;
  readonly mirror: AzureBlobStore;
};

/** What the scripted source of a test worker yields: its settings. */
export const scriptSchema = z.object({
  items: z.number().int().positive(),
  /** Each run reads this many further items; otherwise a source has its items and no more. */
  isEndless: z.boolean().default(false),
  checkpointEvery: z.number().int().positive().default(5),
  itemMs: z.number().default(0),
  /** The process is killed whenever it reaches this item. */
  killAtItem: z.number().optional(),
});

const audioSchema = z.object({
  /** `instant`: small files made at once in place of downloads; `real` runs the real programs. */
  kind: z.enum(['instant', 'real']).default('instant'),
  sizeBytes: z
    .number()
    .int()
    .positive()
    .default(64 * 1024),
  /** The process is killed whenever the audio of this video is started. */
  killAtVideoId: z.string().optional(),
  /** How long the audio of every other video takes, so that it is in progress at the kill. */
  takesMs: z.number().default(0),
  /** Whether it goes on after its job was aborted. */
  ignoresAbort: z.boolean().default(false),
  /** Blocks the event loop for so long when the audio of the first video is started. */
  blockEventLoopMs: z.number().default(0),
  /** The first calls, counted over all processes, fail in this way. */
  failures: z
    .object({ outcome: z.enum(['transient', 'permanent']), calls: z.number() })
    .default({ outcome: 'transient', calls: 0 }),
});

/** What a test worker does besides the work of a real one; passed as JSON in its first argument. */
export const testWorkerPlanSchema = z.object({
  queues: z.array(z.enum(QUEUE_NAMES)),
  kill: killPointSchema.extend({ part: z.enum(PARTS) }).optional(),
  audio: audioSchema.prefault({}),
  /** Sends files of this size and above in parts. */
  multipartFromBytes: z.number().optional(),
  /** Scripted sources in place of those of the sources file. */
  sources: z
    .array(z.object({ id: z.string(), pattern: z.string().default('0 * * * *'), script: scriptSchema }))
    .optional(),
});

/** Where a test worker is killed; the methods are those of the part. */
export type KillPoint = {
  [P in Part]: Omit<z.input<typeof killPointSchema>, 'method'> & {
    readonly part: P;
    readonly method: keyof PartTypes[P] & string;
  };
}[Part];
export type TestWorkerPlan = Omit<z.input<typeof testWorkerPlanSchema>, 'kill'> & {
  readonly kill?: KillPoint;
};
export type AudioPlan = z.output<typeof audioSchema>;

/** In the directory of the test environment: one line for each start and end of a scripted run. */
export const RUN_NOTES_FILE = 'run-notes.txt';
/** In the directory of the test environment: one line for each time the audio of a video was started. */
export const AUDIO_NOTES_FILE = 'audio-notes.txt';
