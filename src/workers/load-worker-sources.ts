import { existsSync } from 'node:fs';
import type { ConfiguredSource } from '../collectors/configured-source.ts';
import { loadSources } from '../collectors/sources-file.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../runtime/logger.ts';

/**
 * Reads the sources file of a worker. Without one it works on everything else.
 * @throws ConfigurationError with all that is wrong in the file.
 */
export async function loadWorkerSources(
  config: Config,
  logger: Logger,
): Promise<readonly ConfiguredSource[] | undefined> {
  const { sourcesFile } = config.collect;
  if (existsSync(sourcesFile)) return await loadSources(config.collect);
  logger.info({ sourcesFile }, 'There is no sources file: no documents are collected');
  return undefined;
}
