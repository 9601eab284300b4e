import { createCommand, runCommand, wholeNumber } from './command/run-command.ts';
import type { RetryOptions } from './retry/retry-command.ts';

const command = createCommand(
  'retry',
  'Lists what waits for a retry, was put back or has failed; retries failed videos now; ends a rest.',
  [
    'npm run retry',
    'npm run retry -- dQw4w9WgXcQ',
    'npm run retry -- --class members_only',
    'npm run retry -- --all',
    'npm run retry -- --end-rest home',
  ],
)
  .argument('[id...]', 'failed or waiting videos to retry now')
  .option('--class <class>', 'retry all failed videos of this error class')
  .option('--all', 'retry all failed videos')
  .option('--end-rest <address>', 'end the rest of an egress address now')
  .option('--limit <number>', 'rows to list of each kind', wholeNumber(1, 10_000), 10)
  .option('--json', 'print one JSON object');

await runCommand(async (signal, closeAtEnd) => {
  const options = command.parse().opts<RetryOptions>();
  const { retry } = await import('./retry/retry-command.ts');
  return await retry(command.args, options, signal, closeAtEnd);
});
