import { z } from 'zod';
import { parseVideoKey } from '../runtime/video-key.ts';

const keyFields = { provider: z.enum(['youtube', 'http']), videoId: z.string().max(64) };
const isKey = (payload: { provider: string; videoId: string }) =>
  parseVideoKey(payload.provider, payload.videoId) !== undefined;

/** The stages a video passes, in order. */
export const STAGES = ['download', 'upload', 'sync'] as const;
/** A stage and the queue of the same name. */
export type Stage = (typeof STAGES)[number];

/** Payload of `download`, `upload` and `sync`: which video, and how often it has gone through the retry queue. */
export const stagePayloadSchema = z
  .strictObject({ ...keyFields, round: z.number().int().min(0) })
  .refine(isKey, 'is not the key of a video');

/** Payload of `retry`: the round that failed; the next has one more. */
export const retryPayloadSchema = z
  .strictObject({ ...keyFields, stage: z.enum(STAGES), round: z.number().int().min(0) })
  .refine(isKey, 'is not the key of a video');

/** Payload of `playlist`. */
export const playlistPayloadSchema = z.strictObject({ playlistId: z.string().min(1).max(200) });

/** Payload of `maintenance`. */
export const maintenancePayloadSchema = z.strictObject({
  task: z.enum(['expand-due-playlists', 'reconcile', 'reconcile-bucket', 'alerts']),
});

export type StagePayload = z.output<typeof stagePayloadSchema>;
