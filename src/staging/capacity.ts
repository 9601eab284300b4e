import type { StagingConfig } from '../config/config.ts';
import { formatBytes } from '../text/units.ts';
import type { StagingUsage } from './staging-usage.ts';

/** What running downloads have set aside. */
export interface Reserved {
  readonly downloads: number;
  readonly bytes: number;
}

/**
 * Why a download of this size may not begin now; undefined when it may. One that is alone may begin whatever its
 * size, as long as the disk is not below its floor: otherwise one larger than the limit would wait for ever.
 */
export function whyStagingIsFull(
  sizeBytes: number,
  usage: StagingUsage,
  reserved: Reserved,
  limits: Omit<StagingConfig, 'directory'>,
): string | undefined {
  const { maxBytes, maxFiles, minFreeBytes } = limits;
  if (usage.freeBytes < minFreeBytes) {
    return `The disk has ${formatBytes(usage.freeBytes)} free, less than STAGING_MIN_FREE_BYTES (${formatBytes(minFreeBytes)}).`;
  }
  const files = usage.stagedFiles + reserved.downloads;
  if (files === 0) return undefined;
  if (files + 1 > maxFiles) {
    return `Staging has ${String(usage.stagedFiles)} files and ${String(reserved.downloads)} more on the way; STAGING_MAX_FILES is ${String(maxFiles)}.`;
  }
  // What is set aside and what has been written of it are the same bytes; what dead workers left counts as well.
  const takenBytes = usage.stagedBytes + Math.max(reserved.bytes, usage.workBytes);
  if (takenBytes + sizeBytes > maxBytes) {
    return `Staging holds ${formatBytes(takenBytes)}, downloads under way included, and the next needs about ${formatBytes(sizeBytes)}; STAGING_MAX_BYTES is ${formatBytes(maxBytes)}.`;
  }
  const unwrittenBytes = Math.max(0, reserved.bytes - usage.workBytes);
  if (usage.freeBytes - unwrittenBytes - sizeBytes < minFreeBytes) {
    return `The disk has ${formatBytes(usage.freeBytes)} free, of which downloads under way need ${formatBytes(unwrittenBytes)} and the next about ${formatBytes(sizeBytes)}; STAGING_MIN_FREE_BYTES is ${formatBytes(minFreeBytes)}.`;
  }
  return undefined;
}
