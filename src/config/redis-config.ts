import { X509Certificate, createPrivateKey } from 'node:crypto';
import { definedFields } from '../domain/defined-fields.ts';
import type { Environment } from './environment.ts';
import { parseRedisUrl } from './redis-url.ts';

/** Redis keeps keys with the same text in their first pair of braces on one node of a cluster. */
const HASH_TAG = /^[^{]*\{[^}]+\}/;

/** How Redis is reached. Its address is read by those who connect (`parseRedisUrl`). */
export function redisOf(env: Environment) {
  const { kind, useTls } = parseRedisUrl(env.REDIS_URL);
  const isWrapped = kind === 'cluster' && !/[{}]/.test(env.QUEUE_PREFIX);
  return {
    url: env.REDIS_URL,
    prefix: isWrapped ? `{${env.QUEUE_PREFIX}}` : env.QUEUE_PREFIX,
    ...definedFields({
      sentinel:
        kind === 'sentinel'
          ? definedFields({ username: env.REDIS_SENTINEL_USERNAME, password: env.REDIS_SENTINEL_PASSWORD })
          : undefined,
      tls: useTls
        ? definedFields({
            ca: env.REDIS_TLS_CA,
            cert: env.REDIS_TLS_CERT,
            key: env.REDIS_TLS_KEY,
            servername: env.REDIS_TLS_SERVER_NAME,
          })
        : undefined,
    }),
  };
}

/** What of the settings of Redis does not go together. */
export function redisConflicts(env: Environment): string[] {
  const { kind, useTls } = parseRedisUrl(env.REDIS_URL);
  const { REDIS_TLS_CERT: cert, REDIS_TLS_KEY: key, QUEUE_PREFIX: prefix } = env;
  const isSet = (name: keyof Environment) => env[name] !== undefined;
  const tls = (['REDIS_TLS_CA', 'REDIS_TLS_CERT', 'REDIS_TLS_KEY', 'REDIS_TLS_SERVER_NAME'] as const).filter(
    isSet,
  );
  const sentinel = (['REDIS_SENTINEL_USERNAME', 'REDIS_SENTINEL_PASSWORD'] as const).filter(isSet);
  const isForeignKey =
    cert !== undefined &&
    key !== undefined &&
    !new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  return [
    ...(useTls
      ? []
      : tls.map(
          (name) => `${name} is set, but REDIS_URL has no TLS: begin it with rediss instead of redis.`,
        )),
    ...(kind === 'sentinel'
      ? []
      : sentinel.map((name) => `${name} is set, but REDIS_URL does not name sentinels (redis+sentinel://).`)),
    ...(isForeignKey ? ['REDIS_TLS_KEY is not the key of REDIS_TLS_CERT.'] : []),
    ...(kind === 'cluster' && /[{}]/.test(prefix) && !HASH_TAG.test(prefix)
      ? ['QUEUE_PREFIX has braces without a name between the first two, which a cluster needs: {name}.']
      : []),
  ];
}
