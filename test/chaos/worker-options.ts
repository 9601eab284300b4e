import { z } from 'zod';

/** Where the audio comes from: the real yt-dlp and the sample channel, or prepared files at once. */
export const AUDIO_SOURCES = ['instant', 'real'] as const;
export type AudioSource = (typeof AUDIO_SOURCES)[number];

/** The options of a worker of a chaos run, as JSON in its first argument. */
export const workerOptionsSchema = z.object({ audioSource: z.enum(AUDIO_SOURCES), notesFile: z.string() });
export type WorkerOptions = z.output<typeof workerOptionsSchema>;
