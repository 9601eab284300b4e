import { createCommand, runCommand } from './command/run-command.ts';
import type { QueuesOptions } from './queues/queues-options.ts';

const command = createCommand(
  'queues',
  'Shows the queues; pauses and resumes them for all workers; ends the rest of an egress address.',
  [
    'npm run queues',
    'npm run queues -- --pause download',
    'npm run queues -- --pause --all',
    'npm run queues -- --resume download upload',
    'npm run queues -- --resume --all',
    'npm run queues -- --end-rest home',
  ],
)
  .option(
    '--pause [queue...]',
    'no worker takes jobs of these queues until they are resumed; jobs under way end',
  )
  .option('--resume [queue...]', 'workers take jobs of these queues again')
  .option(
    '--all',
    'with --pause: all queues except maintenance, which repairs and alerts; with --resume: all queues',
  )
  .option('--end-rest <address>', 'end the rest of an egress address: its next start is a probe')
  .option('--json', 'print one JSON object')
  .allowExcessArguments(false);

await runCommand(async (_signal, closeAtEnd) => {
  const options = command.parse().opts<QueuesOptions>();
  const { queues } = await import('./queues/queues-command.ts');
  return await queues(options, closeAtEnd);
});
