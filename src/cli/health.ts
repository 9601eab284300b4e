import process from 'node:process';
import { z } from 'zod';
import { loadConfig } from '../config/load.ts';
import { loadSources } from '../collectors/sources-file.ts';
import { openDatabase } from '../database/database.ts';
import { formatHealth } from '../reports/collection/health-text.ts';
import { readHealth } from '../reports/collection/read-health.ts';
import { createCommand, runCommand } from './run-command.ts';

const EXIT_UNHEALTHY = 3;

const command = createCommand(
  'health',
  'Shows for every configured source whether its documents are fresh, and why not.',
  ['npm run health', 'npm run health --silent -- --json | jq \'.sources[] | select(.state == "stale")\''],
)
  .option('--json', 'print one JSON object')
  .addHelpText('after', '\nExits with 3 when a source is stale, failing or was never collected.\n')
  .allowExcessArguments(false);

const optionsSchema = z.object({ json: z.boolean().default(false) });

await runCommand(async () => {
  const { json } = optionsSchema.parse(command.parse().opts());
  const config = loadConfig(process.env);
  const configured = await loadSources(config.collect);
  const database = await openDatabase(config.mongo, 'sonotheque-health', { prepare: false });
  try {
    const health = await readHealth({ database, configured }, new Date());
    process.stdout.write(`${json ? JSON.stringify(health, undefined, 2) : formatHealth(health)}\n`);
    return health.healthy ? 0 : EXIT_UNHEALTHY;
  } finally {
    await database.close();
  }
});
