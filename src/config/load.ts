import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigurationError } from '../runtime/user-error.ts';
import type { Config } from './config.ts';
import { parseConfig } from './parse-config.ts';
import { SECRET_NAMES } from './environment.ts';

/** Written by a running `npm start`: where its servers are, so that a second terminal just works. */
export const LOCAL_ENVIRONMENT_FILE = '.sonotheque/env';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The variables a command sees: the process's own, then `.env`, then what a running `npm start` wrote.
 * A variable that is set but empty counts as not set, and keeps the files from setting it. A name with `_FILE`
 * appended is read from that file.
 * @throws ConfigurationError when such a file cannot be read.
 */
export function gatherEnvironment(own: Variables): Variables {
  const given = withoutEmpty({ ...readEnvironmentFile('.env'), ...own });
  const local = readEnvironmentFile(LOCAL_ENVIRONMENT_FILE);
  const gathered = { ...withoutEmpty({ ...local, ...given, ...own }), ...ofLocalServers(local, given) };
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

/** A server's address and what one needs to get in; the first names decide whether the server is given. */
const SERVERS = [
  { addresses: ['MINIO_ENDPOINT'], logins: ['MINIO_ACCESS_KEY', 'MINIO_SECRET_KEY'] },
  { addresses: ['AZURE_STORAGE_CONNECTION_STRING', 'AZURE_ACCOUNT_URL'], logins: ['AZURE_SAS_TOKEN'] },
];

/** The logins of local servers that are used: those of `.env` may be for another server, whose address is not set. */
function ofLocalServers(local: Variables, given: Variables): Variables {
  const used = SERVERS.filter(
    ({ addresses }) =>
      addresses.some((name) => local[name] !== undefined) &&
      addresses.every((name) => given[name] === undefined),
  );
  const logins = used.flatMap((server) => server.logins.map((name) => [name, local[name]] as const));
  return Object.fromEntries(logins);
}

function readEnvironmentFile(file: string): Record<string, string | undefined> {
  try {
    return withoutEmpty(parseEnv(readFileSync(file, 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new ConfigurationError([
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)}).`,
    ]);
  }
}

function withoutEmpty(variables: Variables): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ''),
  );
}
