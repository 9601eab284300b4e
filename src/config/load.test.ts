import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { gatherEnvironment } from './load.ts';

let directory: string;
const before = process.cwd();

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-load-'));
  process.chdir(directory);
  await mkdir('.sonotheque');
});

afterEach(async () => {
  process.chdir(before);
  await rm(directory, { recursive: true });
});

test("the process's own variables come before .env, and .env before what npm start wrote", async () => {
  await writeFile('.sonotheque/env', 'A=start\nB=start\nC=start\n');
  await writeFile('.env', 'B=dotenv\nC=dotenv\n');
  expect(gatherEnvironment({ C: 'own' })).toMatchObject({ A: 'start', B: 'dotenv', C: 'own' });
});

test('an empty variable keeps the files from setting it', async () => {
  await writeFile('.env', 'AZURE_SAS_TOKEN=real\n');
  expect(gatherEnvironment({ AZURE_SAS_TOKEN: '' })).not.toHaveProperty('AZURE_SAS_TOKEN');
});

test('credentials in .env are not used for a server of npm start, only for one whose address is given', async () => {
  await writeFile(
    '.sonotheque/env',
    'MINIO_ENDPOINT=127.0.0.1:1\nMINIO_ACCESS_KEY=local\nMINIO_SECRET_KEY=local\n',
  );
  await writeFile('.env', 'MINIO_ACCESS_KEY=compose\nMINIO_SECRET_KEY=compose\n');
  expect(gatherEnvironment({})).toMatchObject({ MINIO_ACCESS_KEY: 'local', MINIO_SECRET_KEY: 'local' });
  expect(gatherEnvironment({ MINIO_ENDPOINT: 'minio:9000' })).toMatchObject({
    MINIO_ENDPOINT: 'minio:9000',
    MINIO_ACCESS_KEY: 'compose',
  });
});

test('a secret is read from the file that NAME_FILE names, and a missing file is a problem', async () => {
  await writeFile('secret', 'from a file\n');
  expect(gatherEnvironment({ MINIO_SECRET_KEY_FILE: 'secret' })).toMatchObject({
    MINIO_SECRET_KEY: 'from a file',
  });
  expect(gatherEnvironment({ SNAPSHOT_PASSPHRASE_FILE: 'secret' })).toMatchObject({
    SNAPSHOT_PASSPHRASE: 'from a file',
  });
  expect(() => gatherEnvironment({ MINIO_SECRET_KEY_FILE: 'missing' })).toThrow(
    'missing cannot be read (ENOENT)',
  );
});
