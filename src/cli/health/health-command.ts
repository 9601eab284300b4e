import { loadSources } from '../../collectors/sources-file.ts';
import { formatHealth } from '../../reports/collection/health-text.ts';
import { readHealth } from '../../reports/collection/read-health.ts';
import { messagesOf } from '../../text/messages/messages-of.ts';
import { printResult } from '../command/output.ts';
import { EXIT_UNHEALTHY } from '../command/run-command.ts';
import type { CloseAtEnd } from '../command/run-command.ts';
import { commandConfig } from '../command/config.ts';
import { openRecords } from '../command/servers.ts';

/** Shows whether the documents of every source are fresh. @returns the exit code */
export async function health(json: boolean, closeAtEnd: CloseAtEnd): Promise<number> {
  const config = commandConfig();
  const configured = await loadSources(config.collect);
  const database = await openRecords(config, { name: 'sonotheque-health', writes: false }, closeAtEnd);
  const found = await readHealth({ database, configured }, new Date());
  printResult(json, found, formatHealth(found, messagesOf(config.language)));
  return found.healthy ? 0 : EXIT_UNHEALTHY;
}
