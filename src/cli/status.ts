import { createCommand, runCommand } from './command/run-command.ts';
import type { StatusOptions } from './status/status-command.ts';

const command = createCommand('status', 'Shows the state of videos, queues and playlists.', [
  'npm run status',
  'npm run status -- --watch',
  "npm run status --silent -- --json | jq '.videos.failed'",
])
  .option('--json', 'print one JSON object')
  .option('--watch', 'repeat every two seconds until Ctrl-C (with --json: one object a line)')
  .allowExcessArguments(false);

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<StatusOptions>();
  const { status } = await import('./status/status-command.ts');
  return await status(options, signal, closeAtEnd);
});
