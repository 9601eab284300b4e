import { once } from 'node:events';
import process from 'node:process';
import { loadConfig } from '../../config/load.ts';
import { startDashboard } from '../../dashboard/start-dashboard.ts';
import { openDatabase } from '../../database/database.ts';
import { JobQueues } from '../../queues/job-queues.ts';
import { createLogger } from '../../runtime/logger.ts';
import { openMinioStore } from '../../storage/open-stores.ts';
import type { CloseAtEnd } from '../command/run-command.ts';

/** Serves the dashboard until it is told to stop. */
export async function dashboard(stop: AbortSignal, closeAtEnd: CloseAtEnd): Promise<void> {
  const config = loadConfig(process.env);
  const logger = createLogger(config.logLevel, { process: 'dashboard' });
  const database = closeAtEnd(await openDatabase(config.mongo, 'dashboard'));
  const queues = closeAtEnd(new JobQueues(config.redis));
  const store = closeAtEnd(openMinioStore(config.minio, config.storage));
  const started = await startDashboard({ config, database, queues, store, logger });
  process.stdout.write(`Dashboard: ${started.url}\n`);
  if (!stop.aborted) await once(stop, 'abort');
  await started.close();
}
