import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './places.mjs';

/** The servers that the user has of his own need no set-up. The names are those of local/servers/start-servers.ts. */
const GIVEN_BY = {
  redis: ['REDIS_URL'],
  mongo: ['MONGO_URL'],
  minio: ['MINIO_ENDPOINT'],
};

/**
 * Which servers the environment names.
 * @param {{ withEnvironmentFile: boolean }} options whether `.env` counts too
 * @returns {Record<keyof typeof GIVEN_BY, boolean>}
 */
export function givenServers(options) {
  const file = options.withEnvironmentFile ? namesIn(path.join(ROOT, '.env')) : new Set();
  const isSet = (/** @type {string} */ name) =>
    (process.env[name] ?? '') !== '' || (process.env[`${name}_FILE`] ?? '') !== '' || file.has(name);
  return {
    redis: GIVEN_BY.redis.some(isSet),
    mongo: GIVEN_BY.mongo.some(isSet),
    minio: GIVEN_BY.minio.some(isSet),
  };
}

/** The names that a file of NAME=VALUE lines gives a value to. @param {string} file */
function namesIn(file) {
  try {
    const lines = readFileSync(file, 'utf8').split(/\r?\n/);
    return new Set(lines.map((line) => /^\s*(?:export\s+)?(\w+)\s*=\s*[^\s#]/.exec(line)?.[1]));
  } catch {
    return new Set();
  }
}
