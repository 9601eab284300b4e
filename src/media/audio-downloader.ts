import type { DownloaderName } from '../domain/audio.ts';
import type { EgressAddress } from '../config/egress-identities.ts';
import type { VideoMetadata } from '../domain/video-metadata.ts';
import type { Logger } from '../runtime/logger.ts';
import type { VideoKey } from '../domain/video-key.ts';

/** What is known of a video at its source; every field but the address may be unknown. */
export interface VideoDescription extends VideoMetadata {
  readonly url: string;
}

/** How far a download is; what is unknown is left out. */
export interface MediaProgress {
  readonly stage: 'extract' | 'fetch' | 'convert' | 'check';
  /** 0–100 within the stage. */
  readonly percent?: number;
  readonly bytesPerSecond?: number;
  /** From where, when that is not the site itself. */
  readonly source?: 'savetube';
}

/** What a provider and the converter get besides their task. */
export interface MediaContext {
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly onProgress: (progress: MediaProgress) => void;
  /** The way out to the site; left out: this machine's own address, without cookies. */
  readonly address?: EgressAddress;
  /** What the record says of the item. Episodes need it: their key does not tell their address. */
  readonly known?: VideoDescription;
}

/** The audio of a video as it came from the source, in the work directory of the job. */
export interface FetchedAudio {
  /** Absolute path of the media file, inside the work directory. */
  readonly file: string;
  /** Absolute path of a cover picture (any format), when there is one. */
  readonly coverFile?: string;
  readonly metadata: VideoDescription;
  readonly source: DownloaderName;
  /** It is an MP3 of the very kind that the profile `mp3-320` makes: encoding it again would only lose. */
  readonly isFinishedMp3?: boolean;
}

/**
 * One way to get the audio of a video. Those for YouTube are tried in the order of `AUDIO_PROVIDERS`.
 * @throws JobError of the class that the failure deserves.
 */
export interface AudioDownloader {
  readonly name: DownloaderName;
  fetch(key: VideoKey, workDirectory: string, context: MediaContext): Promise<FetchedAudio>;
}

/** A finished, checked audio file that waits in staging for its upload. */
export interface StagedAudio {
  /** Absolute path. */
  readonly file: string;
  /** Extension without the dot: `mp3`, or the source's own (`m4a`, `webm`). */
  readonly format: string;
  readonly sizeBytes: number;
  readonly durationSeconds: number;
  readonly codec: string;
  /** Bits per second. */
  readonly bitrate: number;
  /** Hertz. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly source: DownloaderName;
  readonly metadata: VideoDescription;
}
