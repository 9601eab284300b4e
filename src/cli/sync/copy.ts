import { copyFigures, formatFigures } from '../../mirror/copy-figures.ts';
import {
  formatFailures,
  formatSummary,
  mirrorFailure,
  type MirrorFailure,
} from '../../mirror/mirror-text.ts';
import type { MirrorSummary } from '../../mirror/mirror-summary.ts';
import { runMirror } from '../../mirror/run-mirror.ts';
import type { Progress } from '../../runtime/progress-bar.ts';
import { printMessage, withProgress } from '../command/output.ts';
import { writeProgressLines } from './progress-lines.ts';
import { saveReport } from './save-report.ts';
import { mirrorOptions, recordsOf, type SyncContext } from './sync-context.ts';

/** Copies what the container lacks. @returns whether it has all of the bucket now */
export async function copy(context: SyncContext): Promise<boolean> {
  const { target, signal, json, write } = context;
  await target.ensureContainer(signal);
  const began = new Date();
  const startedAt = performance.now();
  const records = recordsOf(context);
  const failures: MirrorFailure[] = [];
  try {
    const summary = await withProgress({ label: 'Mirroring', unit: 'objects' }, (progress) =>
      copyWithProgress(context, progress, records, failures),
    );
    await records.flush();
    const seconds = (performance.now() - startedAt) / 1000;
    if (summary.failed > 0) printMessage(formatFailures(summary.failed, failures));
    await write(
      json
        ? `${JSON.stringify({ ...summary, failures, seconds })}\n`
        : `${formatSummary(summary, seconds)}\n`,
    );
    // Opening the database only for this would take longer than copying some thousand objects.
    if (context.usesDatabase() || summary.failed > 0) await keep(context, began, summary, failures);
    return summary.failed === 0;
  } finally {
    // Also what was copied before an interruption is recorded; after a failure of MongoDB the error of that is thrown.
    await records.flush().catch(() => undefined);
  }
}

async function copyWithProgress(
  context: SyncContext,
  progress: Progress,
  records: ReturnType<typeof recordsOf>,
  failures: MirrorFailure[],
): Promise<MirrorSummary> {
  const startedAt = performance.now();
  const counts = { planned: 0, plannedBytes: 0, done: 0, bytes: 0, errors: 0 };
  let doneBytes = 0;
  const figures = () => copyFigures(counts, (performance.now() - startedAt) / 1000);
  const stopLines = context.json ? writeProgressLines(context.write, figures) : () => undefined;
  const show = () => {
    progress.note(() => formatFigures(figures()));
  };
  try {
    return await runMirror({
      ...mirrorOptions(context),
      onPlanStart: () => {
        // The next plan has again what was not done.
        counts.planned = counts.done;
        counts.plannedBytes = doneBytes;
      },
      onPlanned: (item) => {
        if (item.kind === 'extra') return records.addExtra(item.target);
        if (item.kind === 'equal') return undefined;
        counts.plannedBytes += item.source.sizeBytes;
        progress.setTotal((counts.planned += 1));
        return undefined;
      },
      onBytes: (moved) => {
        counts.bytes += moved;
        show();
      },
      onMirrored: async (name, result) => {
        doneBytes += result.sizeBytes;
        progress.update((counts.done += 1));
        await records.add(name, result);
      },
      onFailedOnce: () => {
        counts.errors += 1;
        show();
      },
      onPassFailed: ({ failed, error, delayMs }) => {
        const problem = error?.message ?? `${String(failed)} objects could not be copied.`;
        printMessage(`${problem} Trying again in ${(delayMs / 1000).toFixed(0)} s.`);
      },
      onFailed: (name, error) => {
        failures.push(mirrorFailure(name, error));
      },
    });
  } finally {
    stopLines();
  }
}

async function keep(
  context: SyncContext,
  began: Date,
  summary: MirrorSummary,
  failures: readonly MirrorFailure[],
): Promise<void> {
  const { objects, extra, copied, copiedBytes, confirmed, failed } = summary;
  await saveReport(context, began, {
    kind: 'sweep',
    ...{
      objects,
      extra,
      copied,
      found: copied + confirmed + failed,
      copied_bytes: copiedBytes,
      drift: failed,
    },
    problems: failures.map(({ name, class: errorClass, message }) => ({ name, class: errorClass, message })),
  });
}
