import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { UserError } from '../../src/runtime/user-error.ts';
import { credentialsOf } from './credentials.ts';
import { startServers } from './start-servers.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-servers-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Starts Redis in a checkout whose set-up recorded this script as its program. */
async function startRedis(script: string | undefined, signal?: AbortSignal) {
  const program = path.join(directory, 'redis-server');
  if (script !== undefined) writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const tools = path.join(directory, '.sonotheque', 'tools');
  mkdirSync(tools, { recursive: true });
  writeFileSync(path.join(tools, 'tools.json'), JSON.stringify({ redisServer: program }));
  return await startServers({
    checkout: directory,
    directory: path.join(directory, 'data'),
    wanted: ['redis'],
    persistence: 'memory',
    environment: {},
    onLine: () => undefined,
    ...(signal === undefined ? {} : { signal }),
  });
}

describe('a server that does not start', () => {
  test.each([
    [
      'ends at once',
      'echo "wrong version of the data"; exit 3',
      /The local Redis did not start: it ended \(3\)\. The end of its log .*redis\.log: .*wrong version of the data/,
    ],
    ['cannot be run', undefined, /The local Redis did not start: it cannot be run: .*ENOENT/],
  ])('%s: one line says why', async (_name, script, message) => {
    const failure: unknown = await startRedis(script).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UserError);
    expect((failure as Error).message).toMatch(message);
    expect((failure as Error).message).not.toContain('\n');
  });

  test('is given up when the start is interrupted', async () => {
    const stop = new AbortController();
    const starting = startRedis('echo $$ >> "$(dirname "$0")/pid"; exec sleep 60', stop.signal);
    setTimeout(() => {
      stop.abort();
    }, 1_000);
    await expect(starting).rejects.toMatchObject({ outcome: 'interrupted' });
    const pid = Number(readFileSync(path.join(directory, 'pid'), 'utf8').trim());
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });
});

describe('the credentials of the local servers', () => {
  test('are made again when a crash left an empty file', () => {
    const file = path.join(directory, 'credentials.json');
    writeFileSync(file, '');
    const made = credentialsOf(directory);
    expect(credentialsOf(directory)).toEqual(made);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(made);
  });

  test('of a version whose MongoDB had no login stay, with a password for it', () => {
    const file = path.join(directory, 'credentials.json');
    const { mongoPassword, ...older } = credentialsOf(directory);
    writeFileSync(file, JSON.stringify(older), { mode: 0o600 });
    const now = credentialsOf(directory);
    expect(now).toEqual({ ...older, mongoPassword: expect.stringMatching(/^[0-9a-f]{48}$/) });
    expect(now.mongoPassword).not.toBe(mongoPassword);
    expect(credentialsOf(directory)).toEqual(now);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('that are damaged are an error in one line', () => {
    writeFileSync(path.join(directory, 'credentials.json'), '{"redisPassword"');
    expect(() => credentialsOf(directory)).toThrow(/credentials\.json is damaged\. Restore it, or remove/);
  });
});
