import type { VideoStatus, Stage, SkipReason } from '../domain/video-status.ts';
import type { DownloaderName } from '../domain/audio.ts';
import type { ErrorClass } from '../domain/error-classes.ts';
import type { VideoKey } from '../domain/video-key.ts';

/** Times are dates, sizes bytes, durations seconds, bit rates bits per second, sample rates hertz. */
export interface VideoDocument {
  readonly _id: string;
  readonly provider: VideoKey['provider'];
  readonly video_id: string;
  readonly url: string;
  readonly title?: string | null;
  readonly author?: string | null;
  readonly channel_id?: string | null;
  readonly duration?: number | null;
  readonly published_at?: Date | null;
  readonly thumbnail?: string | null;
  readonly status: VideoStatus;
  readonly skip_reason?: SkipReason | null;
  /** How often it has gone through the retry queue or was revived; part of every job id; only ever grows. */
  readonly round: number;
  /** The round in which the present series of tries began; a person's revival starts a new series. */
  readonly first_round: number;
  readonly retry_attempts: number;
  readonly last_retry?: Date | null;
  readonly next_retry_at?: Date | null;
  readonly error?: VideoFailure | null;
  readonly audio?: VideoAudio | null;
  /** When it came into the bucket in this round; the age of what the mirror lacks. */
  readonly stored_at?: Date | null;
  readonly mirror?: VideoMirror | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** The last failure of a video. */
export interface VideoFailure {
  readonly class: ErrorClass;
  readonly message: string;
  readonly advice: string;
  /** Where the next round begins. */
  readonly stage: Stage;
  readonly at: Date;
}

/**
 * The audio of a video; bucket, key and checksums from `stored` on. What an object does not say of itself is not
 * known of a video that was rebuilt from it.
 */
export interface VideoAudio {
  readonly bucket?: string;
  readonly key?: string;
  readonly size: number;
  readonly md5?: string;
  readonly sha256?: string;
  readonly etag?: string;
  readonly duration?: number;
  readonly codec?: string;
  readonly bitrate?: number;
  readonly sample_rate?: number;
  readonly channels?: number;
  readonly format: string;
  readonly source?: DownloaderName;
}

/** The blob in Azure. */
export interface VideoMirror {
  readonly container: string;
  readonly name: string;
  readonly etag: string;
  readonly size: number;
  readonly md5: string;
  readonly at: Date;
}

/** One attempt of a job. */
export interface LogDocument {
  readonly video_id: string;
  readonly url: string;
  readonly title?: string | null;
  readonly status: 'success' | 'failed';
  readonly timestamp: Date;
  readonly retry_attempts: number;
  readonly last_retry?: Date | null;
  readonly error?: string | null;
  readonly error_class?: ErrorClass | null;
  readonly stage: Stage;
  readonly round: number;
  /** 1 for the first attempt within the queue. */
  readonly attempt: number;
  readonly duration_ms: number;
  readonly worker: string;
}

export interface PlaylistDocument {
  readonly _id: string;
  readonly url: string;
  readonly title?: string | null;
  /** What the site says the list holds; null when it does not say. */
  readonly announced_count?: number | null;
  readonly found_count?: number | null;
  /** False when the listing ended early or yielded fewer entries than announced. */
  readonly complete?: boolean | null;
  readonly last_expanded_at?: Date | null;
  readonly next_expand_at?: Date | null;
  /** How many passes have failed since the last that did not. */
  readonly failed_passes?: number | null;
  readonly error?: {
    readonly class: ErrorClass;
    readonly message: string;
    readonly advice: string;
    readonly at: Date;
  } | null;
  readonly enabled: boolean;
}

export interface PlaylistItemDocument {
  /** `<playlist_id>/<video_id>`. */
  readonly _id: string;
  readonly playlist_id: string;
  /** The video's `_id`. */
  readonly video_id: string;
  readonly position: number;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
  readonly removed_at?: Date | null;
}
