import type { AudioProfile } from '../domain/audio.ts';

/** Bytes for a second of audio: 320 kbit/s, and the best that the site offers (256 kbit/s at most, with its container). */
const MP3_BYTES_PER_SECOND = 40_000;
const SOURCE_BYTES_PER_SECOND = 34_000;
/** Cover, metadata, the file system's own. */
const EXTRA_BYTES = 2_000_000;
/** Half an hour: longer than most, so that unknown ones seldom need more than was set aside. */
const UNKNOWN_DURATION_SECONDS = 1_800;

/**
 * How many bytes a download will take in staging at its peak, when the source and what is made of it are both there.
 * @param durationSeconds as the listing said it; undefined when it did not
 * @param maxSizeBytes the largest source that is downloaded
 */
export function estimateStagingBytes(
  durationSeconds: number | undefined,
  profile: AudioProfile,
  maxSizeBytes: number,
): number {
  const seconds = durationSeconds ?? UNKNOWN_DURATION_SECONDS;
  const sourceBytes = Math.min(seconds * SOURCE_BYTES_PER_SECOND, maxSizeBytes);
  // The source's own encoding is copied into another container.
  const resultBytes = profile === 'original' ? sourceBytes : seconds * MP3_BYTES_PER_SECOND;
  return Math.ceil(sourceBytes + resultBytes) + EXTRA_BYTES;
}
