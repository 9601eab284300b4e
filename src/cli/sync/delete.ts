import { deleteExtra, type MaxDelete } from '../../mirror/delete-extra.ts';
import { formatBytes } from '../../text/units.ts';
import { mirrorOptions, type SyncContext } from './sync-context.ts';

/** Deletes blobs whose objects are gone, after a run that copied everything. */
export async function deleteGone(
  context: SyncContext,
  maxDelete: MaxDelete,
  isDryRun: boolean,
): Promise<void> {
  const { json, write } = context;
  const summary = await deleteExtra({
    ...mirrorOptions(context),
    maxDelete,
    dryRun: isDryRun,
    onDeleted: (name, sizeBytes) =>
      write(
        json
          ? `${JSON.stringify({ action: 'delete', name, sizeBytes })}\n`
          : `delete  ${name}  ${formatBytes(sizeBytes)}\n`,
      ),
  });
  const { deleted, deletedBytes, foreign, changed } = summary;
  const parts = [
    `${isDryRun ? 'would be deleted' : 'deleted'} ${String(deleted)} (${formatBytes(deletedBytes)})`,
    ...(foreign === 0 ? [] : [`not written by the mirror ${String(foreign)} (left alone)`]),
    ...(changed === 0 ? [] : [`written again meanwhile ${String(changed)} (left alone)`]),
  ];
  await write(
    json ? `${JSON.stringify({ deletion: summary })}\n` : `In the container only: ${parts.join(', ')}.\n`,
  );
}
