import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseConfig } from '../../src/config/parse-config.ts';
import { environmentSchema, SECRET_NAMES } from '../../src/config/environment.ts';

const SETTING = /^# ([A-Z][A-Z0-9_]*)=(.*)$/;
const lines = readFileSync(new URL('../../.env.example', import.meta.url), 'utf8').split('\n');
const settings = new Map(
  lines.flatMap((line) => {
    const match = SETTING.exec(line);
    return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const];
  }),
);
/** The required variables without a default. */
const REQUIRED = {
  REDIS_URL: 'redis://127.0.0.1:6379',
  MONGO_URL: 'mongodb://127.0.0.1/x',
  MINIO_ENDPOINT: '127.0.0.1:9000',
  MINIO_ACCESS_KEY: 'access',
  MINIO_SECRET_KEY: 'secret-key',
};

describe('.env.example', () => {
  test('lists every variable that the program reads, and no other', () => {
    expect([...settings.keys()].sort()).toEqual(Object.keys(environmentSchema.shape).sort());
  });

  test('changes nothing as it is: every setting is commented out', () => {
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([]);
  });

  test('whatever may hold a key or a password may be given as a file', () => {
    const mayHold =
      /(_KEY|_TOKEN|_PASSWORD|_PASSPHRASE|_USER|_USERNAME|_CONNECTION_STRING|_EXTRA_ARGS|_WEBHOOK_URL|^REDIS_URL|^MONGO_URL|^EGRESS)$/;
    expect([...settings.keys()].filter((name) => mayHold.test(name) && !SECRET_NAMES.includes(name))).toEqual(
      [],
    );
  });

  test('the defaults it states are those of the program', () => {
    const named = Object.fromEntries([...settings].filter(([, value]) => value !== ''));
    expect(parseConfig({ ...REQUIRED, ...named })).toEqual(parseConfig(REQUIRED));
  });

  test('every default is stated', () => {
    const defaults = environmentSchema.parse(REQUIRED);
    const unsaid = Object.entries(defaults)
      .filter(([name]) => !(name in REQUIRED) && settings.get(name) === '')
      // An empty list has no text.
      .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
      .map(([name]) => name);
    expect(unsaid).toEqual([]);
  });
});
