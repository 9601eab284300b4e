import { once } from 'node:events';
import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { startDashboard } from '../dashboard/start-dashboard.ts';
import { openDatabase } from '../database/database.ts';
import { JobQueues } from '../queues/job-queues.ts';
import { createLogger } from '../runtime/logger.ts';
import { openMinioStore } from '../storage/open-stores.ts';
import { createCommand, runService } from './command/run-command.ts';

const command = createCommand(
  'dashboard',
  'Serves the overview, Bull Board and the metrics until it is stopped.',
  ['npm run dashboard', 'DASHBOARD_USER=ama DASHBOARD_PASSWORD=… DASHBOARD_PORT=8080 npm run dashboard'],
);

await runService(async ({ stop }, closeAtEnd) => {
  command.parse();
  const config = loadConfig(process.env);
  const logger = createLogger(config.logLevel, { process: 'dashboard' });
  const database = closeAtEnd(await openDatabase(config.mongo, 'dashboard'));
  const queues = closeAtEnd(new JobQueues(config.redis));
  const store = closeAtEnd(openMinioStore(config.minio, config.storage));
  const dashboard = await startDashboard({ config, database, queues, store, logger });
  process.stdout.write(`Dashboard: ${dashboard.url}\n`);
  if (!stop.aborted) await once(stop, 'abort');
  await dashboard.close();
});
