import { describe, expect, test } from '@jest/globals';
import { selfSignedCertificate } from '../../local/sample-channel/certificate.ts';
import { ConfigurationError } from '../runtime/user-error.ts';
import { parseConfig } from './parse-config.ts';

const OTHERS = {
  MONGO_URL: 'mongodb://127.0.0.1/x',
  MINIO_ENDPOINT: '127.0.0.1:9000',
  MINIO_ACCESS_KEY: 'access',
  MINIO_SECRET_KEY: 'secret-key',
};
const redisOf = (variables: Record<string, string>) => parseConfig({ ...OTHERS, ...variables }).redis;
const problemsOf = (variables: Record<string, string>): string => {
  try {
    redisOf(variables);
    return '';
  } catch (error) {
    return error instanceof ConfigurationError ? error.problems.join('\n') : String(error);
  }
};

const CLUSTER = 'redis+cluster://a,b';

describe('the prefix of keys', () => {
  test.each([
    ['redis://a', undefined, 'sonotheque'],
    ['redis://a', 'my-{archive}', 'my-{archive}'],
    ['redis+sentinel://a/m', undefined, 'sonotheque'],
    [CLUSTER, undefined, '{sonotheque}'],
    [CLUSTER, 'archive', '{archive}'],
    [CLUSTER, 'my-{archive}', 'my-{archive}'],
  ])('%s with %s: %s', (url, prefix, expected) => {
    const given = prefix === undefined ? {} : { QUEUE_PREFIX: prefix };
    expect(redisOf({ REDIS_URL: url, ...given }).prefix).toBe(expected);
  });

  test.each(['{}', 'a}b', '{}{a}', 'a{'])('%s on a cluster would scatter the keys', (prefix) => {
    expect(problemsOf({ REDIS_URL: CLUSTER, QUEUE_PREFIX: prefix })).toContain('QUEUE_PREFIX has braces');
    expect(problemsOf({ REDIS_URL: 'redis://a', QUEUE_PREFIX: prefix })).toBe('');
  });
});

describe('TLS', () => {
  const { cert, key } = selfSignedCertificate();
  const REDIS_URL = 'rediss://a';

  test('with an authority, a certificate of its own and a name', () => {
    expect(redisOf({ REDIS_URL }).tls).toEqual({});
    const variables = {
      REDIS_TLS_CA: cert,
      REDIS_TLS_CERT: cert,
      REDIS_TLS_KEY: key,
      REDIS_TLS_SERVER_NAME: 'redis.example.org',
    };
    expect(redisOf({ REDIS_URL, ...variables }).tls).toEqual({
      ...{ ca: cert, cert, key, servername: 'redis.example.org' },
    });
  });

  test.each<[Record<string, string>, string]>([
    [{ REDIS_URL: 'redis://a', REDIS_TLS_CA: cert }, 'REDIS_URL has no TLS'],
    [{ REDIS_URL, REDIS_TLS_CA: '/etc/ssl/ca.pem' }, 'REDIS_TLS_CA is not a certificate in PEM form'],
    [{ REDIS_URL, REDIS_TLS_CERT: cert }, 'REDIS_TLS_CERT and REDIS_TLS_KEY must be set together'],
    [{ REDIS_URL, REDIS_TLS_CERT: cert, REDIS_TLS_KEY: 's3cr3t' }, 'REDIS_TLS_KEY is not a private key'],
    [
      { REDIS_URL, REDIS_TLS_CERT: cert, REDIS_TLS_KEY: selfSignedCertificate().key },
      'REDIS_TLS_KEY is not the key of REDIS_TLS_CERT',
    ],
  ])('%#: what does not go together is a problem, told without secrets', (variables, problem) => {
    const problems = problemsOf(variables);
    expect(problems).toContain(problem);
    expect(problems).not.toMatch(/s3cr3t|PRIVATE KEY/);
  });
});

describe('the login of sentinels', () => {
  const login = { REDIS_SENTINEL_USERNAME: 'watcher', REDIS_SENTINEL_PASSWORD: 's3cr3t' };

  test('is not that of the servers behind them', () => {
    const redis = redisOf({ REDIS_URL: 'redis+sentinel://user:pass@a/m', ...login });
    expect(redis.sentinel).toEqual({ username: 'watcher', password: 's3cr3t' });
  });

  test('without sentinels is a problem', () => {
    const problems = problemsOf({ REDIS_URL: 'redis://a', ...login });
    expect(problems).toContain('REDIS_URL does not name sentinels');
    expect(problems).not.toContain('s3cr3t');
  });
});
