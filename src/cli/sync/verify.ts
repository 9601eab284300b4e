import { definedFields } from '../../domain/defined-fields.ts';
import { copyObject } from '../../mirror/copy-object.ts';
import { DRIFT_KINDS, verifyMirror, type Drift } from '../../mirror/verify-mirror.ts';
import { toJobError } from '../../domain/job-errors.ts';
import { formatBytes } from '../../text/units.ts';
import type { MirrorReportDocument } from '../../database/collections/mirror-report.ts';
import { MAX_PROBLEMS } from '../../mirror/sweep/finish-sweep.ts';
import { saveReport } from './save-report.ts';
import { mirrorOptions, recordsOf, type SyncContext } from './sync-context.ts';

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
  const records = recordsOf(context);
  const began = new Date();
  let problems: MirrorReportDocument['problems'][number][] = [];
  let repaired = 0;
  let found = 0;
  const onDrift = async (drift: Drift) => {
    found += 1;
    const mended = repair && (await mend(drift, context, records));
    if (mended === true) repaired += 1;
    else if (problems.length < MAX_PROBLEMS) problems.push(problemOf(drift));
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
        problems = [];
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
      ...(summary.archived > 0 ? [`archived and not read ${String(summary.archived)}`] : []),
      ...(summary.extra > 0 ? [`in the container only ${String(summary.extra)} (left alone)`] : []),
      ...(repair ? [`repaired ${String(repaired)}`] : []),
    ].join(', ');
    await write(json ? `${JSON.stringify({ summary: { ...summary, repaired } })}\n` : `${text}.\n`);
    const { objects, extra } = summary;
    await saveReport(context, began, {
      kind: 'verify',
      ...{ objects, extra, found, problems, drift: found - repaired, copied: repaired, copied_bytes: 0 },
    });
    return found - repaired;
  } finally {
    await records.flush().catch(() => undefined);
  }
}

function problemOf({ kind, name, detail }: Drift) {
  return { name, class: kind, message: detail ?? kind.replace('_', ' ') };
}

/** @returns true when it is repaired, otherwise why not */
async function mend(
  drift: Drift,
  context: SyncContext,
  records: ReturnType<typeof recordsOf>,
): Promise<true | string> {
  const { source, target, signal, accessTier, bandwidth } = context;
  if (drift.kind === 'source_damaged') return 'the object in the bucket is the damaged one; see `--restore`';
  try {
    const seen = (await target.stat(drift.name, signal)) ?? null;
    const force = drift.kind === 'damaged';
    const options = { signal, seen, force, ...definedFields({ accessTier, bandwidth }) };
    await records.add(drift.name, await copyObject(source, target, drift.name, options));
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
