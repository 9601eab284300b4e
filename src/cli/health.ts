import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { loadSources } from '../collectors/sources-file.ts';
import { openDatabase } from '../database/database.ts';
import { formatHealth } from '../reports/collection/health-text.ts';
import { readHealth } from '../reports/collection/read-health.ts';
import { messagesOf } from '../text/messages/messages-of.ts';
import { printResult } from './command/output.ts';
import { createCommand, EXIT_UNHEALTHY, runCommand } from './command/run-command.ts';

const command = createCommand(
  'health',
  'Shows for every configured source, the worst first, whether its documents are fresh and complete, and if not, why.',
  ['npm run health', 'npm run health --silent -- --json | jq \'.sources[] | select(.state == "stale")\''],
)
  .option('--json', 'print one JSON object')
  .addHelpText(
    'after',
    '\nExits with 3 when a source is stale, failing or was never collected. UI_LANGUAGE=fr shows it in French.\n',
  )
  .allowExcessArguments(false);

await runCommand(async (_signal, closeAtEnd) => {
  const { json = false } = command.parse().opts<{ json?: boolean }>();
  const config = loadConfig(process.env);
  const configured = await loadSources(config.collect);
  const database = closeAtEnd(await openDatabase(config.mongo, 'sonotheque-health', { prepare: false }));
  const health = await readHealth({ database, configured }, new Date());
  printResult(json, health, formatHealth(health, messagesOf(config.language)));
  return health.healthy ? 0 : EXIT_UNHEALTHY;
});
