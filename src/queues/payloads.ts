import { z } from 'zod';
import { parseVideoKey, PROVIDERS } from '../domain/video-key.ts';
import { STAGES } from '../domain/video-status.ts';

const round = z.number().int().min(0);
const videoFields = { provider: z.enum(PROVIDERS), videoId: z.string().max(64), round };
const isVideo = (payload: { provider: string; videoId: string }) =>
  parseVideoKey(payload.provider, payload.videoId) !== undefined;
const NOT_A_VIDEO = 'is not the key of a video';

/** Payload of `download`, `upload` and `sync`: which video, and how often it has gone through the retry queue. */
export const stagePayloadSchema = z.strictObject(videoFields).refine(isVideo, NOT_A_VIDEO);

/** One shard of a sweep of the mirror; what it has stands in Redis (`MirrorSweeps`). */
export const shardPayloadSchema = z.strictObject({
  sweepId: z.string().regex(/^[a-z0-9]{8,32}$/, 'is not the id of a sweep'),
  shard: z.number().int().min(0),
});

/** Payload of `sync`: the object of one video, or one shard of a sweep. */
export const syncPayloadSchema = z.union([stagePayloadSchema, shardPayloadSchema]);

/** The id of a source in `sources.yaml`: short, and safe as a part of job ids and addresses. */
export const sourceIdSchema = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'is not a source id (a–z, 0–9 and single hyphens)')
  .max(60);

/** Why a source is collected: its schedule, a person or command, or a slot that was missed while nothing ran. */
export const COLLECT_TRIGGERS = ['schedule', 'manual', 'catch_up'] as const;

const collectFields = {
  sourceId: sourceIdSchema,
  /** The slot of the schedule; for a manual run the time of the request. */
  scheduledFor: z.iso.datetime(),
  trigger: z.enum(COLLECT_TRIGGERS),
  /** How often this run has gone through the retry queue. */
  round,
};

/** Payload of `collect`: one run of a source. */
export const collectPayloadSchema = z.strictObject(collectFields);

/** Payload of `retry`: the round that failed, of a video or of a run; the next has one more. */
export const retryPayloadSchema = z.union([
  z.strictObject({ stage: z.enum(STAGES), ...videoFields }).refine(isVideo, NOT_A_VIDEO),
  z.strictObject({ stage: z.literal('collect'), ...collectFields }),
]);

export const playlistPayloadSchema = z.strictObject({ playlistId: z.string().min(1).max(200) });

/** Tasks without parameters. */
export const MAINTENANCE_TASKS = [
  'expand-due-playlists',
  'reconcile',
  'reconcile-bucket',
  'alerts',
  'snapshot',
  'verify-snapshot',
  'digest',
  'peaks',
  'mirror-sweep',
  'fill-downloads',
] as const;

/** Payload of `maintenance`; `collect-tick` requests the scheduled run of a source. */
export const maintenancePayloadSchema = z.discriminatedUnion('task', [
  z.strictObject({ task: z.enum(MAINTENANCE_TASKS) }),
  z.strictObject({ task: z.literal('collect-tick'), sourceId: sourceIdSchema }),
]);

export type StagePayload = z.output<typeof stagePayloadSchema>;
export type ShardPayload = z.output<typeof shardPayloadSchema>;
export type CollectPayload = z.output<typeof collectPayloadSchema>;
export type RetryPayload = z.output<typeof retryPayloadSchema>;
export type MaintenancePayload = z.output<typeof maintenancePayloadSchema>;
export type MaintenanceTask = (typeof MAINTENANCE_TASKS)[number];
