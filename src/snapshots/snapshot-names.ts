import { fileTimestamp } from '../text/units.ts';

/** The `format` of snapshot records. */
export const SNAPSHOT_FORMAT = 'mongodump archive 0.1, gzip';
/** The prefix of snapshot objects in the bucket. */
export const SNAPSHOT_DIRECTORY = 'snapshots/';

/** `sonotheque_mongo_vYYYYMMDD_HHMMSS.archive.gz`, in UTC. */
export function snapshotName(at: Date): string {
  return `sonotheque_mongo_v${fileTimestamp(at)}.archive.gz`;
}

/** The time in a snapshot's name; undefined for other names. */
export function snapshotTime(name: string): Date | undefined {
  const iso = name.replace(/^\D*(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})\D*$/, '$1-$2-$3T$4:$5:$6Z');
  const at = new Date(iso);
  // A date such as February 30 would become another one.
  return !Number.isNaN(at.getTime()) && snapshotName(at) === name ? at : undefined;
}

export function snapshotKey(name: string): string {
  return `${SNAPSHOT_DIRECTORY}${name}`;
}

/** The object with the snapshot's SHA-256, in the format of `sha256sum --check`. */
export function checksumKey(name: string): string {
  return `${snapshotKey(name)}.sha256`;
}

export function checksumText(sha256: string, name: string): string {
  return `${sha256}  ${name}\n`;
}

/** The digest in a checksum file; undefined when the file is invalid or for another name. */
export function parseChecksumText(text: string, name: string): string | undefined {
  const [, sha256, named] = /^([0-9a-f]{64}) [ *](\S+)\n?$/.exec(text) ?? [];
  return named === name ? sha256 : undefined;
}
