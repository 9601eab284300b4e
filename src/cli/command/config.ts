import process from 'node:process';
import type { Config } from '../../config/config.ts';
import { gatherEnvironment } from '../../config/load.ts';
import { parseConfig } from '../../config/parse-config.ts';
import { UserError } from '../../runtime/user-error.ts';

/** Without these nothing can be done; `npm start` sets all of them. */
const SERVER_VARIABLES = ['REDIS_URL', 'MONGO_URL', 'MINIO_ENDPOINT'];
export const HOW_TO_START = 'run `npm start` in another terminal, which starts everything on this machine';

/**
 * The configuration of a command.
 * @throws UserError when no server is configured at all, as without a running `npm start`; ConfigurationError
 */
export function commandConfig(): Config {
  const variables = gatherEnvironment(process.env);
  if (SERVER_VARIABLES.every((name) => (variables[name] ?? '') === '')) {
    throw new UserError(
      `No servers are running here, and none are configured: ${HOW_TO_START}, or set ${SERVER_VARIABLES.join(', ')} and the keys of the bucket in .env.`,
    );
  }
  return parseConfig(variables);
}
