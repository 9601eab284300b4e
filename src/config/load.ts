import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigurationError } from '../runtime/user-error.ts';
import { parseConfig, type Config } from './config.ts';
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
  const gathered = withoutEmpty({
    ...readEnvironmentFile(LOCAL_ENVIRONMENT_FILE),
    ...readEnvironmentFile('.env'),
    ...own,
  });
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
