import type { StagingConfig } from '../config/config.ts';
import type { AudioProfile } from '../domain/audio.ts';
import { formatBytes } from '../text/units.ts';

/** Bytes for a second of audio: MP3 at 320 kbit/s, and the best of YouTube (at most 256 kbit/s) with its container. */
const MP3_BYTES_PER_SECOND = 40_000;
const SOURCE_BYTES_PER_SECOND = 34_000;
/** Cover, metadata, file system overhead. */
const EXTRA_BYTES = 2_000_000;
/** Longer than most videos, so that few need more than they reserve. */
const UNKNOWN_DURATION_SECONDS = 1_800;

/** What running downloads have reserved. */
export interface ReservationTotals {
  readonly downloads: number;
  readonly bytes: number;
  /** Those of them whose work directories are on the disk of this machine. */
  readonly diskDownloads: number;
  readonly diskBytes: number;
}

/** What is staged, and the disk of the work directories. */
export interface StagingUsage {
  readonly stagedFiles: number;
  readonly stagedBytes: number;
  /** Whether staged files are on the disk of the work directories. */
  readonly isOnWorkDisk: boolean;
  readonly workBytes: number;
  readonly freeBytes: number;
}

export type StagingLimits = Pick<StagingConfig, 'maxBytes' | 'maxFiles' | 'minFreeBytes'>;

/** Why a download may not start. */
export interface StagingFull {
  readonly reason: string;
  /** Nothing of ours will leave the disk: something else fills it, so waiting would not help. */
  readonly isHopeless: boolean;
}

/**
 * Why a download of this size may not start now; undefined when it may. When staging is empty, a download of any size
 * may start unless the disk is below its minimum: a download larger than the limit would otherwise wait for ever.
 */
export function whyStagingIsFull(
  sizeBytes: number,
  usage: StagingUsage,
  reserved: ReservationTotals,
  limits: StagingLimits,
): StagingFull | undefined {
  const { maxBytes, maxFiles, minFreeBytes } = limits;
  const onDisk = reserved.diskDownloads + (usage.isOnWorkDisk ? usage.stagedFiles : 0);
  const full = (reason: string): StagingFull => ({ reason, isHopeless: false });
  const diskFull = (reason: string): StagingFull => ({ reason, isHopeless: onDisk === 0 });
  if (usage.freeBytes < minFreeBytes) {
    return diskFull(
      `The disk has ${formatBytes(usage.freeBytes)} free, less than STAGING_MIN_FREE_BYTES (${formatBytes(minFreeBytes)}).`,
    );
  }
  const files = usage.stagedFiles + reserved.downloads;
  if (files === 0) return undefined;
  if (files + 1 > maxFiles) {
    return full(
      `Staging has ${String(usage.stagedFiles)} files and ${String(reserved.downloads)} downloads are running; STAGING_MAX_FILES is ${String(maxFiles)}.`,
    );
  }
  // Running downloads have written a part of what they reserved; what dead workers have left counts as well.
  const takenBytes = usage.stagedBytes + Math.max(reserved.bytes, usage.workBytes);
  if (takenBytes + sizeBytes > maxBytes) {
    return full(
      `Staging holds ${formatBytes(takenBytes)} including running downloads, and the next needs about ${formatBytes(sizeBytes)}; STAGING_MAX_BYTES is ${formatBytes(maxBytes)}.`,
    );
  }
  if (onDisk === 0) return undefined;
  const unwrittenBytes = Math.max(0, reserved.diskBytes - usage.workBytes);
  if (usage.freeBytes - unwrittenBytes - sizeBytes < minFreeBytes) {
    return full(
      `The disk has ${formatBytes(usage.freeBytes)} free, of which running downloads need ${formatBytes(unwrittenBytes)} and the next about ${formatBytes(sizeBytes)}; STAGING_MIN_FREE_BYTES is ${formatBytes(minFreeBytes)}.`,
    );
  }
  return undefined;
}

/**
 * The bytes that a download takes in staging at its peak, when the source and the result exist together.
 * @param durationSeconds according to the listing; undefined when it does not say.
 * @param maxSizeBytes the largest source that is downloaded.
 */
export function estimateStagingBytes(
  durationSeconds: number | undefined,
  profile: AudioProfile,
  maxSizeBytes: number,
): number {
  const seconds = durationSeconds ?? UNKNOWN_DURATION_SECONDS;
  const sourceBytes = Math.min(seconds * SOURCE_BYTES_PER_SECOND, maxSizeBytes);
  // `original` copies the source's encoding into another container.
  const resultBytes = profile === 'original' ? sourceBytes : seconds * MP3_BYTES_PER_SECOND;
  return Math.ceil(sourceBytes + resultBytes) + EXTRA_BYTES;
}
