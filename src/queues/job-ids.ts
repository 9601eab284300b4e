import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { Stage } from '../domain/video-status.ts';
import type { CollectPayload, ShardPayload } from './payloads.ts';

/** `download.youtube.dQw4w9WgXcQ.0`: one id for each stage, video and round, so that adding it twice adds it once. */
export function stageJobId(stage: Stage, key: VideoKey, round: number): string {
  return `${stage}.${videoDocumentId(key)}.${String(round)}`;
}

/** `retry.download.youtube.dQw4w9WgXcQ.0`: the delay after the failure of that round. */
export function retryJobId(stage: Stage, key: VideoKey, round: number): string {
  return `retry.${stageJobId(stage, key, round)}`;
}

/** `sync.sweep.m5x0c2k9f3ab.12`: one id for each shard of a sweep. */
export function shardJobId({ sweepId, shard }: ShardPayload): string {
  return `sync.sweep.${sweepId}.${String(shard)}`;
}

/** Identifies a run of a source, whoever asked for it. */
export type RunKey = Pick<CollectPayload, 'sourceId' | 'scheduledFor'>;

/** `collect.le-monde.1774746000000.0`: one id for each slot and round of a source. */
export function collectJobId({ sourceId, scheduledFor }: RunKey, round: number): string {
  return `collect.${sourceId}.${String(Date.parse(scheduledFor))}.${String(round)}`;
}

/** `retry.collect.le-monde.1774746000000.0`: the delay after the failure of that round. */
export function collectRetryJobId(run: RunKey, round: number): string {
  return `retry.${collectJobId(run, round)}`;
}

/** Reads the id of a job of `collect`; undefined when it is not one. */
export function parseCollectJobId(jobId: string): (RunKey & { readonly round: number }) | undefined {
  const [, sourceId, moment, round] = /^collect\.([a-z0-9-]+)\.(\d+)\.(\d+)$/.exec(jobId) ?? [];
  if (sourceId === undefined) return undefined;
  return { sourceId, scheduledFor: new Date(Number(moment)).toISOString(), round: Number(round) };
}
