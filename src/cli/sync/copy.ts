import {
  formatFailures,
  formatSummary,
  mirrorFailure,
  type MirrorFailure,
} from '../../mirror/mirror-text.ts';
import { runMirror } from '../../mirror/run-mirror.ts';
import { formatBytes } from '../../text/units.ts';
import { printMessage, printResult, withProgress } from '../command/output.ts';
import { MirrorRecords } from './mirror-records.ts';
import { mirrorOptions, type SyncContext } from './sync-context.ts';

/** Copies what the container lacks. @returns whether it has all of the bucket now */
export async function copy(context: SyncContext): Promise<boolean> {
  const { target, signal, json, mongo } = context;
  await target.ensureContainer(signal);
  const startedAt = performance.now();
  const records = new MirrorRecords(mongo);
  const failures: MirrorFailure[] = [];
  let movedBytes = 0;
  let planned = 0;
  let done = 0;
  try {
    const summary = await withProgress({ label: 'Mirroring', unit: 'objects' }, (progress) =>
      runMirror({
        ...mirrorOptions(context),
        onPlanStart: () => {
          // The next plan has again what was not done.
          planned = done;
        },
        onPlanned: (item) => {
          if (item.kind === 'missing' || item.kind === 'different') progress.setTotal((planned += 1));
        },
        onBytes: (moved) => {
          movedBytes += moved;
          progress.note(formatBytes(movedBytes));
        },
        onMirrored: async (name, result) => {
          progress.update((done += 1));
          await records.add(name, result);
        },
        onPassFailed: ({ failed, error, delayMs }) => {
          const problem = error?.message ?? `${String(failed)} objects could not be copied.`;
          printMessage(`${problem} Trying again in ${(delayMs / 1000).toFixed(0)} s.`);
        },
        onFailed: (name, error) => {
          failures.push(mirrorFailure(name, error));
        },
      }),
    );
    await records.flush();
    const seconds = (performance.now() - startedAt) / 1000;
    if (summary.failed > 0) printMessage(formatFailures(summary.failed, failures));
    printResult(json, { ...summary, failures, seconds }, formatSummary(summary, seconds));
    return summary.failed === 0;
  } finally {
    // Also what was copied before an interruption is recorded; after a failure of MongoDB the error of that is thrown.
    await records.flush().catch(() => undefined);
    await records.close();
  }
}
