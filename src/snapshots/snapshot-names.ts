const PREFIX = 'sonotheque_mongo_v';
const SUFFIX = '.archive.gz';
/** What a snapshot's record says it is. */
export const SNAPSHOT_FORMAT = 'mongodump archive 0.1, gzip';
/** The part of the bucket that snapshots are in. */
export const SNAPSHOT_DIRECTORY = 'snapshots/';

/** `sonotheque_mongo_vYYYYMMDD_HHMMSS.archive.gz`, in UTC. */
export function snapshotName(at: Date): string {
  const [date = '', time = ''] = at.toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  return `${PREFIX}${date}_${time}${SUFFIX}`;
}

/** The time in a snapshot's name; undefined when it is not the name of one. */
export function snapshotTime(name: string): Date | undefined {
  const parts = /^sonotheque_mongo_v(\d{4})(\d{2})(\d{2})_(\d{2})(\d{2})(\d{2})\.archive\.gz$/.exec(name);
  if (parts === null || name.endsWith('\n')) return undefined;
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  const at = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0, hour ?? 0, minute ?? 0, second ?? 0));
  // A day such as February 30 would become another one.
  return snapshotName(at) === name ? at : undefined;
}

/** The name of the object that holds a snapshot. */
export function snapshotKey(name: string): string {
  return `${SNAPSHOT_DIRECTORY}${name}`;
}

/** The name of the object that holds its SHA-256, in the form that `sha256sum --check` reads. */
export function checksumKey(name: string): string {
  return `${snapshotKey(name)}.sha256`;
}

/** The content of that object. */
export function checksumText(sha256: string, name: string): string {
  return `${sha256}  ${name}\n`;
}

/** The digest in it; undefined when it is of something else. */
export function parseChecksumText(text: string, name: string): string | undefined {
  const [, sha256, named] = /^([0-9a-f]{64}) [ *](\S+)\n?$/.exec(text) ?? [];
  return named === name ? sha256 : undefined;
}
