import { runCommand, usageError } from './command/run-command.ts';
import { keepHeapSmall } from './command/small-heap.ts';
import { createSyncCommand, type SyncOptions } from './sync/sync-options.ts';

const command = createSyncCommand();

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<SyncOptions>();
  assertCombination(options);
  keepHeapSmall();
  const { sync } = await import('./sync/sync-command.ts');
  return await sync(options, signal, closeAtEnd);
});

function assertCombination({ verify: how, sample, repair }: SyncOptions): void {
  if (sample !== undefined && how !== 'content') throw usageError('`--sample` needs `--verify content`.');
  if (repair === true && how === undefined) throw usageError('`--repair` needs `--verify`.');
}
