import { Argument } from 'commander';
import { QUEUE_NAMES, isQueueName } from '../domain/queues.ts';
import { parseConcurrency } from './command/concurrency.ts';
import { createCommand, runService } from './command/run-command.ts';

const command = createCommand(
  'worker',
  'Runs a worker process for some queues (all by default) until it is stopped.',
  [
    'npm run worker',
    'npm run worker -- download upload',
    'npm run worker -- download --concurrency download=4',
  ],
)
  .addArgument(new Argument('[queue...]', 'queues to work on').choices(QUEUE_NAMES))
  .option(
    '-c, --concurrency <list>',
    'jobs at once per queue, such as download=4,upload=8',
    parseConcurrency,
  );

await runService(async (signals) => {
  command.parse();
  const { concurrency = {} } = command.opts<{ concurrency?: ReturnType<typeof parseConcurrency> }>();
  const named = command.args.filter(isQueueName);
  const { work } = await import('./worker/worker-command.ts');
  await work(named.length === 0 ? QUEUE_NAMES : [...new Set(named)], concurrency, signals);
});
