import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './paths.mjs';

/** The variables that name a server of the user's own, which needs no set-up; as in local/servers/start-servers.ts. */
const GIVEN_BY = { redis: 'REDIS_URL', mongo: 'MONGO_URL', minio: 'MINIO_ENDPOINT' };

/**
 * Which servers the environment names.
 * @param {{ withEnvironmentFile: boolean }} options whether `.env` is read too
 * @returns {Record<keyof typeof GIVEN_BY, boolean>}
 */
export function givenServers(options) {
  const file = options.withEnvironmentFile ? namesIn(path.join(ROOT, '.env')) : new Set();
  const isSet = (/** @type {string} */ name) =>
    (process.env[name] ?? '') !== '' || (process.env[`${name}_FILE`] ?? '') !== '' || file.has(name);
  return {
    redis: isSet(GIVEN_BY.redis),
    mongo: isSet(GIVEN_BY.mongo),
    minio: isSet(GIVEN_BY.minio),
  };
}

/** The names that have a value in a file of NAME=VALUE lines. @param {string} file */
function namesIn(file) {
  try {
    const lines = readFileSync(file, 'utf8').split(/\r?\n/);
    return new Set(lines.map((line) => /^\s*(?:export\s+)?(\w+)\s*=\s*[^\s#]/.exec(line)?.[1]));
  } catch {
    return new Set();
  }
}
