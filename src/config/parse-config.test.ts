import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ConfigurationError } from '../runtime/user-error.ts';
import { SECRET_NAMES } from './environment.ts';
import { parseConfig } from './parse-config.ts';

const LEAST = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  MONGO_URL: 'mongodb://127.0.0.1/sonotheque',
  MINIO_ENDPOINT: '127.0.0.1:9000',
  MINIO_ACCESS_KEY: 'access',
  MINIO_SECRET_KEY: 'secret-secret',
};

function problemsOf(variables: Record<string, string | undefined>): readonly string[] {
  try {
    parseConfig({ ...LEAST, ...variables });
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('configuration', () => {
  test('variables that are not set have defaults, and the configuration is frozen', () => {
    const config = parseConfig(LEAST);
    expect(config.minio).toMatchObject({
      host: '127.0.0.1',
      port: 9000,
      useTls: false,
      bucket: 'sonotheque',
    });
    expect(config.media).toMatchObject({ downloaders: ['yt-dlp'], profile: 'mp3-320', ytDlpExtraArgs: [] });
    expect(config.azure).toBeUndefined();
    expect(config.dashboard).toEqual({
      host: '127.0.0.1',
      port: 3000,
      credentials: undefined,
      usersFile: undefined,
      trustedProxies: [],
      session: { idleMs: 3_600_000, maxMs: 43_200_000 },
      isBoardWritable: false,
    });
    expect(() => {
      Object.assign(config.media, { ytDlpPath: '/bin/sh' });
    }).toThrow(TypeError);
  });

  test('the keys of MinIO are needed, unless AWS gives them', () => {
    const none = { MINIO_ACCESS_KEY: '', MINIO_SECRET_KEY: '' };
    expect(problemsOf(none)).toHaveLength(2);
    expect(problemsOf({ ...none, REDIS_URL: 'x' })).toHaveLength(3);
    expect(problemsOf({ ...none, MINIO_CREDENTIALS: 'assume-role' })).toHaveLength(2);
    expect(parseConfig({ ...LEAST, ...none, MINIO_CREDENTIALS: 'aws' }).minio.keys).toEqual({ kind: 'aws' });
    const given = { kind: 'given', accessKey: 'access', secretKey: 'secret-secret' };
    expect(parseConfig(LEAST).minio.keys).toEqual(given);
    expect(parseConfig({ ...LEAST, MINIO_SESSION_TOKEN: 'token' }).minio.keys).toEqual({
      ...{ ...given, sessionToken: 'token' },
    });
    expect(parseConfig({ ...LEAST, MINIO_CREDENTIALS: 'assume-role' }).minio.keys).toEqual({
      ...{ ...given, kind: 'assume-role' },
    });
  });

  test.each([
    ['https://archive.example.org', 'https://archive.example.org'],
    ['https://archive.example.org/', 'https://archive.example.org'],
    ['https://archive.example.org:8443/audio/', 'https://archive.example.org:8443/audio'],
    ['HTTP://EXAMPLE.org/Ä', 'http://example.org/%C3%84'],
  ])('PUBLIC_URL %s is %s', (given, expected) => {
    expect(parseConfig({ ...LEAST, PUBLIC_URL: given }).dashboard.publicUrl).toBe(expected);
  });

  test.each([
    'archive.example.org',
    'ftp://archive.example.org',
    'https://ama:secret@archive.example.org',
    'https://archive.example.org/?a=1',
    'https://archive.example.org/?',
    'https://archive.example.org/#x',
  ])('PUBLIC_URL %s is refused', (given) => {
    expect(problemsOf({ PUBLIC_URL: given })).toHaveLength(1);
  });

  test('an empty value counts as not set', () => {
    expect(problemsOf({ YOUTUBE_API_KEY: '', AZURE_SAS_TOKEN: ' ' })).toEqual([]);
  });

  test('all problems are listed at once', () => {
    const problems = problemsOf({
      REDIS_URL: undefined,
      MONGO_URL: 'localhost',
      DOWNLOAD_CONCURRENCY: '-1',
      MINIO_BUCKET: 'A',
      AUDIO_PROVIDERS: 'cobalt',
      FILTER_TITLE_INCLUDE: '(',
      FILTER_PUBLISHED_AFTER: 'yesterday',
      DASHBOARD_USER: 'me',
    });
    expect(problems).toHaveLength(8);
    expect(problems.join('\n')).toContain(
      'REDIS_URL is not set. Start everything on this machine with `npm start`',
    );
    expect(problems.join('\n')).toContain('DASHBOARD_USER and DASHBOARD_PASSWORD must be set together.');
  });

  test('no problem contains the value of a secret', () => {
    const value = 'not a valid value';
    const problems = problemsOf(Object.fromEntries(SECRET_NAMES.map((name) => [name, value])));
    expect(problems.length).toBeGreaterThan(3);
    expect(problems.join('\n')).not.toContain(value);
  });

  test.each([
    ['https://storage.example', { host: 'storage.example', port: 443, useTls: true }],
    ['http://storage.example:9000', { host: 'storage.example', port: 9000, useTls: false }],
    ['minio:9000', { host: 'minio', port: 9000, useTls: false }],
  ])('MINIO_ENDPOINT %s', (MINIO_ENDPOINT, expected) => {
    expect(parseConfig({ ...LEAST, MINIO_ENDPOINT }).minio).toMatchObject(expected);
  });

  test('the secrets of sources are lines as in .env, and no problem shows one', () => {
    const given = 'NEWS_TOKEN=abc\nOTHER="d e#f"\n';
    const { sourceSecrets } = parseConfig({ ...LEAST, SOURCE_SECRETS: given }).collect;
    expect(sourceSecrets).toEqual({ NEWS_TOKEN: 'abc', OTHER: 'd e#f' });
    expect(parseConfig(LEAST).collect.sourceSecrets).toEqual({});
    expect(problemsOf({ SOURCE_SECRETS: 'top-secret' })).toEqual(['SOURCE_SECRETS has no line NAME=value.']);
    expect(problemsOf({ SOURCE_SECRETS: 'lower=top-secret' })).toEqual([
      'SOURCE_SECRETS has a name that is not of the form NEWS_TOKEN.',
    ]);
    expect(problemsOf({ SOURCE_SECRETS: 'A="top\nsecret"' })).toEqual([
      'SOURCE_SECRETS has a value of A that is not printable ASCII.',
    ]);
  });

  test('extra arguments are split as a shell would, without a shell', () => {
    const { media } = parseConfig({
      ...LEAST,
      YTDLP_EXTRA_ARGS: `--proxy 'http://a b' --cookies "c d.txt" $HOME`,
    });
    expect(media.ytDlpExtraArgs).toEqual(['--proxy', 'http://a b', '--cookies', 'c d.txt', '$HOME']);
    expect(problemsOf({ YTDLP_EXTRA_ARGS: '--a; rm -rf /' })).toHaveLength(1);
  });

  test('no plugins of yt-dlp are allowed unless a directory is named', () => {
    expect(parseConfig(LEAST).media).not.toHaveProperty('ytDlpPluginDirectory');
    const { media } = parseConfig({ ...LEAST, YTDLP_PLUGIN_DIR: 'plugins' });
    expect(media.ytDlpPluginDirectory).toBe(path.resolve('plugins'));
  });

  test('the dashboard stays on this machine, without a login whatever DASHBOARD_HOST says', () => {
    expect(parseConfig({ ...LEAST, DASHBOARD_HOST: '0.0.0.0' }).dashboard.host).toBe('127.0.0.1');
    for (const login of [
      { DASHBOARD_USER: 'me', DASHBOARD_PASSWORD: 'long enough' },
      { DASHBOARD_USERS_FILE: 'users.txt' },
    ]) {
      expect(parseConfig({ ...LEAST, ...login }).dashboard.host).toBe('127.0.0.1');
      expect(parseConfig({ ...LEAST, ...login, DASHBOARD_HOST: '0.0.0.0' }).dashboard.host).toBe('0.0.0.0');
    }
  });

  test.each([
    ['', []],
    ['loopback', ['loopback']],
    ['10.0.0.0/8, 192.0.2.1 2001:db8::/32,::1', ['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', '::1']],
  ])('the proxies %j are trusted', (text, ranges) => {
    expect(parseConfig({ ...LEAST, DASHBOARD_TRUSTED_PROXIES: text }).dashboard.trustedProxies).toEqual(
      ranges,
    );
  });

  test.each(['0.0.0.0/0', '::/0', '10.0.0.0/33', 'proxy.example', 'true', '1', '10.0.0.0/8;evil'])(
    'the proxies %j are refused',
    (text) => {
      expect(() => parseConfig({ ...LEAST, DASHBOARD_TRUSTED_PROXIES: text })).toThrow(
        /DASHBOARD_TRUSTED_PROXIES has /,
      );
    },
  );

  test('Azure is reached by account and token, by a connection string, or by the identity of the machine', () => {
    expect(parseConfig({ ...LEAST, AZURE_STORAGE_CONNECTION_STRING: 'X=1' }).azure).toMatchObject({
      kind: 'connection-string',
    });
    const sas = { AZURE_ACCOUNT_URL: 'https://a.blob.core.windows.net', AZURE_SAS_TOKEN: 'sv=1' };
    expect(parseConfig({ ...LEAST, ...sas }).azure).toMatchObject({ kind: 'sas' });
    expect(parseConfig({ ...LEAST, AZURE_ACCOUNT_URL: sas.AZURE_ACCOUNT_URL }).azure).toMatchObject({
      kind: 'identity',
    });
    expect(problemsOf({ AZURE_SAS_TOKEN: 'sv=1' })).toEqual([
      'AZURE_ACCOUNT_URL must be set when AZURE_SAS_TOKEN is.',
    ]);
  });

  test('the mirror has further pairs, a tier and a bandwidth', () => {
    const { mirror } = parseConfig({
      ...LEAST,
      MIRROR_PAIRS: 'lectures=lectures-copy, radio = radio-copy',
      MIRROR_BANDWIDTH: '1.5m',
      AZURE_ACCESS_TIER: 'Cool',
    });
    expect(mirror).toMatchObject({
      pairs: [
        { bucket: 'sonotheque', container: 'sonotheque' },
        { bucket: 'lectures', container: 'lectures-copy' },
        { bucket: 'radio', container: 'radio-copy' },
      ],
      bytesPerSecond: 1_500_000,
      accessTier: 'Cool',
      sweepIntervalMs: 3_600_000,
    });
  });

  test.each([
    [{ MIRROR_PAIRS: 'lectures' }, 'MIRROR_PAIRS has "lectures", which is not of the form bucket=container.'],
    [{ MIRROR_PAIRS: 'a-b=c=d' }, 'MIRROR_PAIRS has "a-b=c=d", which is not of the form bucket=container.'],
    [{ MIRROR_PAIRS: 'aaa=bbb,aaa=ccc' }, 'MIRROR_PAIRS names a bucket twice.'],
    [
      { MIRROR_PAIRS: 'aaa=ccc,bbb=ccc' },
      'MIRROR_PAIRS names a container twice: one bucket would delete what the other wrote.',
    ],
    [
      { MIRROR_PAIRS: 'aaa=sonotheque' },
      'MIRROR_PAIRS names MINIO_BUCKET or AZURE_CONTAINER, which are a pair already.',
    ],
    [{ MIRROR_BANDWIDTH: '999' }, 'MIRROR_BANDWIDTH is not a rate such as 500k or 10M (1k or more).'],
    [{ MIRROR_BANDWIDTH: '10 MB/s' }, 'MIRROR_BANDWIDTH is not a rate such as 500k or 10M (1k or more).'],
    [{ AZURE_ACCESS_TIER: 'Warm' }, expect.stringContaining('AZURE_ACCESS_TIER')],
  ])('%j is refused', (variables, problem) => {
    expect(problemsOf(variables)).toEqual([problem]);
  });

  test('without EGRESS there is one egress address; with it each entry has the defaults for what it does not set', () => {
    expect(parseConfig(LEAST).egress.addresses).toEqual([
      { name: 'default', budgetPerHour: 300, spacingMs: 5_000 },
    ]);
    const EGRESS = 'home: spacing=0; office: proxy=http://10.0.0.2:3128, budget=1000';
    expect(parseConfig({ ...LEAST, EGRESS, EGRESS_BUDGET_PER_HOUR: '20' }).egress.addresses).toEqual([
      { name: 'home', budgetPerHour: 20, spacingMs: 0 },
      { name: 'office', proxy: 'http://10.0.0.2:3128', budgetPerHour: 1000, spacingMs: 5_000 },
    ]);
    expect(problemsOf({ EGRESS: 'home: budget=many' })).toEqual([
      'EGRESS entry 1 (home): budget is not a whole number of starts per hour.',
    ]);
  });

  test('the rests of a limited egress address are given in seconds, and the shortest may not be longer than the longest', () => {
    expect(parseConfig(LEAST).egress.maxRestMs).toBe(3_600_000);
    const rests = { THROTTLE_MIN_REST_SECONDS: '60', THROTTLE_MAX_REST_SECONDS: '90' };
    expect(parseConfig({ ...LEAST, ...rests }).egress).toMatchObject({
      minRestMs: 60_000,
      maxRestMs: 90_000,
    });
    expect(problemsOf({ ...rests, THROTTLE_MIN_REST_SECONDS: '91' })).toEqual([
      'THROTTLE_MIN_REST_SECONDS is larger than THROTTLE_MAX_REST_SECONDS.',
    ]);
  });

  test('cookies of EGRESS and those of YTDLP_EXTRA_ARGS exclude each other', () => {
    const EGRESS = 'office: cookies=office.txt';
    expect(problemsOf({ EGRESS, YTDLP_EXTRA_ARGS: '--proxy http://other:1' })).toEqual([]);
    for (const YTDLP_EXTRA_ARGS of ['--cookies mine.txt', '--cookies=mine.txt']) {
      expect(problemsOf({ EGRESS, YTDLP_EXTRA_ARGS })).toEqual([
        '--cookies is given by EGRESS and by YTDLP_EXTRA_ARGS; remove it from one of them.',
      ]);
    }
  });

  test('a proxy of EGRESS and one of YTDLP_EXTRA_ARGS exclude each other', () => {
    const EGRESS = 'office: proxy=http://10.0.0.2:3128';
    expect(problemsOf({ EGRESS, YTDLP_EXTRA_ARGS: '--cookies mine.txt' })).toEqual([]);
    expect(problemsOf({ EGRESS, YTDLP_EXTRA_ARGS: '--proxy http://other:1' })).toEqual([
      '--proxy is given by EGRESS and by YTDLP_EXTRA_ARGS; remove it from one of them.',
    ]);
  });
});
