import type { SnapshotDocument } from '../database/collections/snapshot.ts';
import { isVerified } from '../database/snapshot-repository.ts';
import { plainText } from '../text/plain-text.ts';
import { formatTextTable, numbers } from '../text/tables.ts';
import { formatBytes, formatSecond } from '../text/units.ts';
import type { RecordedCollection } from './dump-database.ts';
import type { RetentionDecision } from './retention.ts';

const MAX_REASON = 100;

export function formatSnapshots(snapshots: readonly SnapshotDocument[]): string {
  if (snapshots.length === 0) return 'There are no snapshots. `npm run snapshot` makes one.';
  return formatTextTable(
    ['SNAPSHOT', 'STATUS', ...numbers('SIZE', 'DOCUMENTS'), 'VERIFIED'],
    snapshots.map((snapshot) => [
      snapshot._id,
      snapshot.status,
      typeof snapshot.size === 'number' ? formatBytes(snapshot.size) : '',
      snapshot.collections.length === 0 ? '' : String(documentsOf(snapshot.collections)),
      verificationOf(snapshot),
    ]),
  );
}

export function formatCollections(collections: readonly RecordedCollection[]): string {
  return formatTextTable(
    ['COLLECTION', ...numbers('DOCUMENTS', 'BYTES')],
    collections.map(({ namespace, count, bytes }) => [
      plainText(namespace, MAX_REASON),
      String(count),
      formatBytes(bytes),
    ]),
  );
}

export function formatRetention(plan: readonly RetentionDecision[]): string {
  return plan
    .map(({ name, isKept, reasons }) => `${isKept ? 'keep ' : 'prune'}  ${name}  (${reasons.join(', ')})`)
    .join('\n');
}

/** The number of documents in all collections. */
export function documentsOf(collections: readonly RecordedCollection[]): number {
  return collections.reduce((sum, { count }) => sum + count, 0);
}

function verificationOf(snapshot: SnapshotDocument): string {
  const { verified_at: at, verification, error } = snapshot;
  if (at && isVerified(snapshot)) return `${formatSecond(at)} (${verification ?? 'bytes'})`;
  return typeof error !== 'string' ? 'no' : plainText(error, MAX_REASON);
}
