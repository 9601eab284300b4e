import { definedFields } from '../../domain/defined-fields.ts';
import { formatFailures, mirrorFailure, type MirrorFailure } from '../../mirror/mirror-text.ts';
import { restoreMirror } from '../../mirror/restore-mirror.ts';
import { formatBytes } from '../../text/units.ts';
import { printMessage, printResult, withProgress } from '../command/output.ts';
import type { SyncContext } from './sync-context.ts';

/** Brings lost objects back from the container. @returns whether none is left */
export async function restore(context: SyncContext, isDryRun: boolean): Promise<boolean> {
  const { source, target, prefix, filter, concurrency, signal, json, bandwidth } = context;
  if (!isDryRun) await source.ensureContainer(signal);
  const failures: MirrorFailure[] = [];
  const summary = await withProgress({ label: 'Restoring', unit: 'objects' }, (progress) =>
    restoreMirror({
      bucket: source,
      mirror: target,
      prefix,
      filter,
      concurrency,
      dryRun: isDryRun,
      signal,
      ...definedFields({ bandwidth }),
      onRestored: () => {
        progress.increment();
      },
      onFailed: (name, error) => {
        failures.push(mirrorFailure(name, error));
      },
    }),
  );
  const { missing, restored, restoredBytes, failed, kept } = summary;
  if (failed > 0) printMessage(formatFailures(failed, failures, 'restored'));
  const done = isDryRun
    ? `${String(missing)} objects would be restored; nothing was changed`
    : `restored ${String(restored)} of ${String(missing)} lost objects (${formatBytes(restoredBytes)})`;
  const text = `In the bucket already: ${String(kept)}, left alone; ${done}; failed ${String(failed)}.`;
  printResult(json, { ...summary, failures }, text);
  return failed === 0;
}
