import { copyObject } from '../../mirror/copy-object.ts';
import { DRIFT_KINDS, verifyMirror, type Drift } from '../../mirror/verify-mirror.ts';
import { toJobError } from '../../domain/job-errors.ts';
import { formatBytes } from '../../text/units.ts';
import { MirrorRecords } from './mirror-records.ts';
import { mirrorOptions, type SyncContext } from './sync-context.ts';

interface VerifyChoices {
  /** The share (0 to 1) of the objects to read on both sides. */
  readonly contentShare: number;
  readonly repair: boolean;
}

/**
 * Compares both sides, prints each difference as it is found, and repairs it when asked.
 * @returns how many differences are left.
 */
export async function verify(context: SyncContext, { contentShare, repair }: VerifyChoices): Promise<number> {
  const { json, write } = context;
  const records = new MirrorRecords(context.mongo);
  let repaired = 0;
  let found = 0;
  const onDrift = async (drift: Drift) => {
    found += 1;
    const mended = repair && (await mend(drift, context, records));
    if (mended === true) repaired += 1;
    const state = mended === false ? '' : mended === true ? 'repaired' : mended;
    await write(
      json ? `${JSON.stringify({ ...drift, ...(repair && { repair: state }) })}\n` : lineOf(drift, state),
    );
  };
  try {
    const summary = await verifyMirror({
      ...mirrorOptions(context),
      contentShare,
      onDrift,
      onRestart: () => {
        found = repaired = 0;
      },
    });
    await records.flush();
    const kinds = DRIFT_KINDS.filter((kind) => summary[kind] > 0).map(
      (kind) => `${kind.replace('_', ' ')} ${String(summary[kind])}`,
    );
    const text = [
      `Of ${String(summary.objects)} objects in the bucket: equal ${String(summary.equal)}`,
      ...kinds,
      ...(contentShare > 0 ? [`read on both sides ${String(summary.read)}`] : []),
      ...(summary.extra > 0 ? [`in the container only ${String(summary.extra)} (left alone)`] : []),
      ...(repair ? [`repaired ${String(repaired)}`] : []),
    ].join(', ');
    await write(json ? `${JSON.stringify({ summary: { ...summary, repaired } })}\n` : `${text}.\n`);
    return found - repaired;
  } finally {
    await records.flush().catch(() => undefined);
    await records.close();
  }
}

/** @returns true when it is repaired, otherwise why not */
async function mend(drift: Drift, context: SyncContext, records: MirrorRecords): Promise<true | string> {
  const { source, target, signal } = context;
  if (drift.kind === 'source_damaged') return 'the object in the bucket is the damaged one; see `--restore`';
  try {
    const seen = (await target.stat(drift.name, signal)) ?? null;
    const force = drift.kind === 'damaged';
    await records.add(drift.name, await copyObject(source, target, drift.name, { signal, seen, force }));
    return true;
  } catch (thrown) {
    const error = toJobError(thrown, signal);
    if (signal.aborted || error.outcome === 'operator') throw error;
    return error.message;
  }
}

function lineOf({ kind, name, sizeBytes, detail }: Drift, state: string): string {
  const parts = [kind.replace('_', ' '), name, formatBytes(sizeBytes), detail ?? '', state];
  return `${parts.filter((part) => part !== '').join('  ')}\n`;
}
