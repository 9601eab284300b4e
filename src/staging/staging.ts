import type { VideoKey } from '../domain/video-key.ts';
import type { AudioStaging } from '../media/audio-pipeline.ts';
import type { StagedAudio } from '../media/audio-downloader.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { TransferOptions } from '../storage/object-store.ts';
import type { AudioToStore, StoredAudio } from '../storage/upload-audio.ts';

/** A finished file in staging. */
export interface StagedFile {
  readonly key: VideoKey;
  /** Absolute path; with `STAGING=s3` the name of its object. */
  readonly file: string;
  readonly sizeBytes: number;
}

/**
 * Where finished audio files wait for their upload, with what the record and the object will say of them: a directory, or the
 * bucket below `staging/` (`STAGING`). The work directories of running jobs are on the disk of this machine in both forms. All
 * methods throw JobErrors.
 */
export interface Staging extends AudioStaging {
  /** Whether staged files are on the disk of the work directories. */
  readonly isOnWorkDisk: boolean;
  /** The same for all workers that share the staged files, and for no others. */
  id(): Promise<string>;
  /** Makes what must exist before files are staged. */
  prepare(signal: AbortSignal): Promise<void>;
  /** @throws OperatorError while no file can be staged. */
  probe(signal: AbortSignal): Promise<void>;
  /** Whether this machine can tell which files are staged. */
  isReachable(): Promise<boolean>;
  /**
   * Removes the work directories of dead workers after killing the programs that still run in them: immediately for
   * workers of this machine and container, else when they have not changed for this long.
   * @returns the number of removed directories.
   */
  pruneWorkDirectories(olderThanMs: number): Promise<number>;
  /** The staged file of a video; in a directory with or without valid metadata. */
  findStaged(key: VideoKey): Promise<StagedFile | undefined>;
  /** The staged file with its metadata; undefined when either is missing or they do not agree. */
  readStaged(key: VideoKey): Promise<StagedAudio | undefined>;
  /**
   * Stores a staged file as the audio object of its video and verifies that. Safe to repeat: an equal object is only found.
   * @throws TransientError `staged_file_missing`, `storage_mismatch`; any JobError of the store
   */
  upload(
    staged: StagedAudio,
    audio: AudioToStore,
    store: MinioStore,
    options: TransferOptions,
  ): Promise<StoredAudio>;
  listStaged(): AsyncIterable<StagedFile>;
  /** What counts for the limits: for each video the bytes of all that is staged of it, also what is not complete. */
  listSizes(): AsyncIterable<Pick<StagedFile, 'key' | 'sizeBytes'>>;
  /** The videos with a staged part that has no other one since at least this time: their worker died between the two. */
  listUnfinished(olderThanMs: number): AsyncIterable<VideoKey>;
  /** Removes all that is staged of a video. Safe to repeat. */
  removeStaged(key: VideoKey): Promise<void>;
}
