import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startProgram } from '../support/program.ts';

/** Nothing listens on port 1. */
const REFUSED = {
  REDIS_URL: 'redis://127.0.0.1:1',
  MONGO_URL: 'mongodb://127.0.0.1:1/x',
  MINIO_ENDPOINT: 'http://127.0.0.1:1',
  MINIO_ACCESS_KEY: 'a-key',
  MINIO_SECRET_KEY: 'a-secret-key',
};
/** Every command that needs servers and ends by itself, with arguments that it takes. */
const COMMANDS: readonly (readonly [string, ...string[]])[] = [
  ['status'],
  ['status', '--watch'],
  ['videos'],
  ['videos', 'dQw4w9WgXcQ', '--skip'],
  ['playlists'],
  ['playlists', 'pause', '@some-channel'],
  ['retry', '--all'],
  ['queues'],
  ['tokens'],
  ['enqueue', '@some-channel'],
  ['export', 'music'],
  ['reconcile'],
  ['snapshot'],
  ['restore', 'latest'],
  ['health'],
  ['report'],
  ['collect', '--list'],
];

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-nothing-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function run([name, ...args]: (typeof COMMANDS)[number], variables: Readonly<Record<string, string>>) {
  const sources = path.join(import.meta.dirname, '../../sources.yaml');
  const program = startProgram(name, args, {
    directory,
    variables: { PATH: process.env['PATH'] ?? '', HOME: directory, SOURCES_FILE: sources, ...variables },
  });
  const exitCode = await program.ended;
  return { exitCode, stdout: program.stdout(), stderr: program.stderr() };
}

describe('with nothing running', () => {
  test.each(COMMANDS)('%s %s says in one sentence what to do and exits with 1', async (...command) => {
    const { exitCode, stdout, stderr } = await run(command, {});
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(/^No servers are running here[^\n]*`npm start`[^\n]*\.\n$/),
    });
  });
});

describe('with servers that are configured and do not run', () => {
  test.each(COMMANDS)('%s %s names them and says what to do', async (...command) => {
    const { exitCode, stdout, stderr } = await run(command, REFUSED);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: expect.stringMatching(
        /^[^\n]*MongoDB \(127\.0\.0\.1:1\) (is|are) not running: [^\n]*`npm start`[^\n]*\.\n$/,
      ),
    });
    // The versions of programs are remembered there.
    expect((await readdir(directory)).filter((name) => name !== '.cache')).toEqual([]);
  });
});
