import { createCommand, runCommand } from './command/run-command.ts';
import type { CollectOptions } from './collect/collect-command.ts';

const command = createCommand('collect', 'Collects sources now and waits until their runs have ended.', [
  'npm run collect -- --list',
  'npm run collect -- le-monde gdelt',
  'npm run collect -- --all --once   # without a running worker, as in CI',
  "npm run collect --silent -- --all --json | jq '.runs[] | {source, status, counts}'",
])
  .argument('[source...]', 'ids of sources.yaml')
  .option('--all', 'all enabled sources')
  .option('--once', 'run them in this process instead of a worker')
  .option('--list', 'list the sources, their next runs, and why some are disabled')
  .option('--json', 'print one JSON object')
  .addHelpText(
    'after',
    '\nExits with 1 when a run failed, with 2 for a source that does not exist or has no API key.\n',
  );

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<CollectOptions>();
  const { collect } = await import('./collect/collect-command.ts');
  return await collect(command.args, options, signal, closeAtEnd);
});
