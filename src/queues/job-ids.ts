import type { VideoKey } from '../runtime/video-key.ts';
import { videoDocumentId } from '../runtime/video-key.ts';
import type { Stage } from './payloads.ts';

/** `download.youtube.dQw4w9WgXcQ.0`: one id for each stage, video and round, so that adding it twice adds it once. */
export function stageJobId(stage: Stage, key: VideoKey, round: number): string {
  return `${stage}.${videoDocumentId(key)}.${String(round)}`;
}

/** `retry.download.youtube.dQw4w9WgXcQ.0`: the wait after the failure of that round. */
export function retryJobId(stage: Stage, key: VideoKey, round: number): string {
  return `retry.${stageJobId(stage, key, round)}`;
}
