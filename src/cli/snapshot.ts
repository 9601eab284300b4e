import { runCommand } from './command/run-command.ts';
import { createSnapshotCommand, parseSnapshotOptions } from './snapshot/options.ts';

const command = createSnapshotCommand();

await runCommand(async (signal, closeAtEnd) => {
  const options = parseSnapshotOptions(command);
  const { snapshot } = await import('./snapshot/snapshot-command.ts');
  return await snapshot(options, signal, closeAtEnd);
});
