import type { EgressAddress } from '../domain/egress-address.ts';
import type { AudioProfile, AudioProperties, AudioTrack, DownloaderName } from '../domain/audio.ts';
import type { VideoMetadata } from '../domain/video-metadata.ts';
import type { AnyJobError } from '../domain/job-errors.ts';
import type { Logger } from '../runtime/logger.ts';
import type { VideoKey } from '../domain/video-key.ts';
import type { Peaks } from './peaks.ts';

/** The metadata of a video at its source; every field but the address may be unknown. */
export interface VideoDescription extends VideoMetadata {
  readonly url: string;
}

/** For texts of {@link VideoDescription}: undefined for a missing or empty one. */
export function filled(value: string | null | undefined): string | undefined {
  return value === null || value === '' ? undefined : value;
}

/** The progress of a download; unknown values are left out. */
export interface MediaProgress {
  readonly stage: 'extract' | 'fetch' | 'convert' | 'check';
  /** 0–100 within the stage. */
  readonly percent?: number;
  readonly bytesPerSecond?: number;
  /** Set when the audio does not come from the site itself. */
  readonly source?: 'savetube';
}

/** For {@link MediaProgress.percent}; undefined while the total is unknown. */
export function percentOf(done: number, total: number | undefined): number | undefined {
  return total === undefined || total <= 0 ? undefined : Math.min(100, (done / total) * 100);
}

export interface MediaContext {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly onProgress: (progress: MediaProgress) => void;
  /** Left out: this machine's own address, without cookies. */
  readonly address?: EgressAddress;
  /** Instead of the configured ones, for this video. */
  readonly profile?: AudioProfile;
  readonly audioLanguage?: string;
  /** The metadata in the database. Episodes need it: their key does not contain their address. */
  readonly known?: VideoDescription;
  /** Called for each downloader that failed, also when another one then succeeds. */
  readonly onDownloaderFailure?: (name: DownloaderName, error: AnyJobError) => void;
}

/** The audio of a video as the source served it, in the work directory of the job. */
export interface FetchedAudio {
  /** Absolute path. */
  readonly file: string;
  /** Absolute path of a cover picture of any format. */
  readonly coverFile?: string;
  readonly metadata: VideoDescription;
  readonly source: DownloaderName;
  readonly track?: AudioTrack;
  /** The length of this format as the site announces it; that of the video may differ. */
  readonly formatSeconds?: number;
  /** It already is an MP3 as the profile `mp3-320` makes it: encoding it again would only lose quality. */
  readonly isFinishedMp3?: boolean;
}

/** Fetches the audio of a video. Those for YouTube are tried in the order of `AUDIO_PROVIDERS`. */
export interface AudioDownloader<Audio = FetchedAudio> {
  readonly name: DownloaderName;
  fetch(key: VideoKey, workDirectory: string, context: MediaContext): Promise<Audio>;
}

/** A finished and checked audio file in staging. */
export interface StagedAudio extends Required<AudioProperties>, AudioTrack {
  /** Absolute path; with `STAGING=s3` the name of its object. */
  readonly file: string;
  /** Extension without the dot: `mp3`, or the source's own (`m4a`, `webm`). */
  readonly format: string;
  readonly sizeBytes: number;
  /** Left out when they could not be measured. */
  readonly peaks?: Peaks;
  readonly metadata: VideoDescription;
}
