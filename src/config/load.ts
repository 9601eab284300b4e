import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigurationError } from '../runtime/user-error.ts';
import type { Config } from './config.ts';
import { SECRET_NAMES } from './environment.ts';
import { parseConfig, type Variables } from './parse-config.ts';

/** Written by a running `npm start`: the addresses of its servers, for commands in a second terminal. */
export const LOCAL_ENVIRONMENT_FILE = '.sonotheque/env';

/**
 * The variables that a command uses: the process's own, then those of `.env`, then those of a running `npm start`.
 * A variable that is set but empty counts as not set, and keeps the files from setting it. The value of a secret may be
 * read from the file that `<NAME>_FILE` names.
 * @throws ConfigurationError when such a file cannot be read.
 */
export function gatherEnvironment(own: Variables): Variables {
  const given = withoutEmpty({ ...readEnvironmentFile('.env'), ...own });
  const local = readEnvironmentFile(LOCAL_ENVIRONMENT_FILE);
  const gathered = { ...withoutEmpty({ ...local, ...given, ...own }), ...localCredentials(local, given) };
  const problems: string[] = [];
  for (const name of SECRET_NAMES) {
    const file = gathered[`${name}_FILE`];
    if (file === undefined || file === '') continue;
    try {
      gathered[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      problems.push(
        `${name}_FILE: ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`,
      );
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return gathered;
}

/**
 * The configuration of this process.
 * @throws ConfigurationError that lists every problem at once.
 */
export function loadConfig(own: Variables): Config {
  return parseConfig(gatherEnvironment(own));
}

/** Servers whose address and credentials are separate variables. */
const SERVERS = [
  { addresses: ['MINIO_ENDPOINT'], credentials: ['MINIO_ACCESS_KEY', 'MINIO_SECRET_KEY'] },
  { addresses: ['AZURE_STORAGE_CONNECTION_STRING', 'AZURE_ACCOUNT_URL'], credentials: ['AZURE_SAS_TOKEN'] },
];

/**
 * The credentials of those local servers that are used: a local server whose address is not overridden. Credentials in
 * `.env` may be for another server, so they must not be sent to this one.
 */
function localCredentials(local: Variables, given: Variables): Variables {
  const used = SERVERS.filter(
    ({ addresses }) =>
      addresses.some((name) => local[name] !== undefined) &&
      addresses.every((name) => given[name] === undefined),
  );
  return Object.fromEntries(
    used.flatMap(({ credentials }) => credentials.map((name) => [name, local[name]] as const)),
  );
}

function readEnvironmentFile(file: string): Record<string, string | undefined> {
  try {
    return withoutEmpty(parseEnv(readFileSync(file, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new ConfigurationError([`${file} cannot be read (${code ?? String(error)}).`]);
  }
}

function withoutEmpty(variables: Variables): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
}
