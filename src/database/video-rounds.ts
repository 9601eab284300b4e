import { videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { VideoStatus } from '../domain/video-status.ts';
import type { VideoDocument } from './collections/video.ts';

/** A video's identity, status and round. */
export interface VideoState {
  readonly key: VideoKey;
  readonly status: VideoStatus;
  readonly round: number;
}

/** Matches the video only while it is still in this state. */
export function stateFilter({ key, round, status }: VideoState) {
  return { _id: videoDocumentId(key), round, status };
}

/** The update that starts the round after `round`, at the status before its first stage. */
export function nextRound(status: VideoStatus, round: number) {
  const now = new Date();
  return {
    $set: { status, round: round + 1, last_retry: now, updated_at: now },
    $inc: { retry_attempts: 1 },
    $unset: { next_retry_at: 1 },
  };
}

/** Like `nextRound`, with the limit of rounds counted from this one. @param removed fields that no longer apply. */
export function firstRound(
  status: VideoStatus,
  round: number,
  removed: readonly (keyof VideoDocument)[] = [],
) {
  const { $set, $inc, $unset } = nextRound(status, round);
  return {
    $set: { ...$set, first_round: round + 1 },
    $inc,
    $unset: { ...$unset, ...Object.fromEntries(removed.map((field) => [field, 1])) },
  };
}
