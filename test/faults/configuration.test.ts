import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startProgram } from '../support/program.ts';

const SECRET = 'a-secret-that-must-not-be-shown';
const COMPLETE = {
  REDIS_URL: 'redis://127.0.0.1:1',
  MONGO_URL: 'mongodb://127.0.0.1:1/x',
  MINIO_ENDPOINT: 'http://127.0.0.1:1',
  MINIO_ACCESS_KEY: 'key',
  MINIO_SECRET_KEY: SECRET,
};

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-configuration-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function run(command: string, args: readonly string[], variables: Readonly<Record<string, string>>) {
  const program = startProgram(command, args, {
    directory,
    variables: { PATH: process.env['PATH'] ?? '', HOME: directory, ...variables },
  });
  const exitCode = await program.ended;
  return { exitCode, said: program.stdout() + program.stderr() };
}

function expectOneLiner(said: string): void {
  expect(said).not.toMatch(/^ {4}at |node:internal|Error: /m);
  expect(said).not.toContain(SECRET);
  // No work was started: a working process would log.
  expect(said).not.toContain('"level":30');
  expect(readdirSync(directory)).toEqual([]);
}

describe('an invalid configuration', () => {
  test.each(['worker', 'dashboard'])(
    '%s without its servers says which variables to set and exits with 2',
    async (command) => {
      const { exitCode, said } = await run(command, [], {});
      expect(exitCode).toBe(2);
      expect(said).toContain('REDIS_URL is not set');
      expect(said).toContain('npm start');
      expectOneLiner(said);
    },
  );

  test('all problems are reported at once, without the values of secrets', async () => {
    const { exitCode, said } = await run('worker', [], {
      ...COMPLETE,
      REDIS_URL: `http://user:${SECRET}@127.0.0.1`,
      MONGO_URL: `not an address ${SECRET}`,
      DOWNLOAD_CONCURRENCY: '-1',
      RETRY_ROUNDS: 'many',
      HEALTH_PORT: '99999',
    });
    expect(exitCode).toBe(2);
    for (const name of ['REDIS_URL', 'MONGO_URL', 'DOWNLOAD_CONCURRENCY', 'RETRY_ROUNDS', 'HEALTH_PORT'])
      expect(said).toContain(name);
    expectOneLiner(said);
  });
});

describe('an invalid command line', () => {
  test.each([
    ['worker', ['--no-such-flag'], '--no-such-flag'],
    ['worker', ['--concurrency', 'download=-1'], 'download'],
    ['retry', ['--class', 'no-such-class'], 'no-such-class'],
  ])('%s %j exits with 2 and names the problem', async (command, args, about) => {
    const { exitCode, said } = await run(command, args, COMPLETE);
    expect({ exitCode, said }).toMatchObject({ exitCode: 2, said: expect.stringContaining(about) });
    expectOneLiner(said);
  });
});
