import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { loadConfig } from '../config/load.ts';
import { openDatabase } from '../database/database.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { formatStatus } from '../reports/status-text.ts';
import { collectStatus, type Status } from '../reports/status.ts';
import { createCommand, runCommand } from './run-command.ts';

const WATCH_INTERVAL_MS = 2_000;
const DEADLINE_MS = 60_000;
const CLEAR_SCREEN = '\u001b[H\u001b[2J\u001b[3J';

const command = createCommand('status', 'Shows the state of videos, queues and playlists.', [
  'npm run status',
  'npm run status -- --watch',
  "npm run status --silent -- --json | jq '.videos.failed'",
])
  .option('--json', 'print one JSON object')
  .option('--watch', 'show it again every two seconds until Ctrl-C (with --json: one object a line)');

const optionsSchema = z.object({ json: z.boolean().default(false), watch: z.boolean().default(false) });

await runCommand(async (signal) => {
  const options = optionsSchema.parse(command.parse().opts());
  const config = loadConfig(process.env);
  const database = await openDatabase(config.mongo, 'status');
  const queues = new JobQueues(config.redis);
  try {
    do {
      const status = await withDeadline(() => collectStatus(database, queues), {
        signal,
        deadlineMs: DEADLINE_MS,
        what: 'Reading the status',
      });
      process.stdout.write(`${render(status, options)}\n`);
      if (options.watch) await delay(WATCH_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    } while (options.watch && !signal.aborted);
  } finally {
    await Promise.all([queues.close(), database.close()]);
  }
  return 0;
});

function render(status: Status, options: z.output<typeof optionsSchema>): string {
  if (options.json) return JSON.stringify(status, undefined, options.watch ? undefined : 2);
  return `${options.watch && process.stdout.isTTY ? CLEAR_SCREEN : ''}${formatStatus(status)}`;
}
