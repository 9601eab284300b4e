import { z } from 'zod';

/** Where the audio comes from: the real yt-dlp and the sample channel, or prepared files at once. */
export const FORMS = ['instant', 'real'] as const;
export type Form = (typeof FORMS)[number];

/** What a worker of a chaos run is told, as JSON in its first argument. */
export const workerOptionsSchema = z.object({ form: z.enum(FORMS), notesFile: z.string() });
export type WorkerOptions = z.output<typeof workerOptionsSchema>;
