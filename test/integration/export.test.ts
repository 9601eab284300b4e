import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { videoDocumentId } from '../../src/domain/video-key.ts';
import { exportAudio, type ExportOptions } from '../../src/operations/export-audio.ts';
import { DEFAULT_NAMES } from '../../src/operations/export-names.ts';
import { startProgram } from '../support/program.ts';
import {
  keyOf,
  openReconcileEnvironment,
  type ReconcileEnvironment,
} from '../support/reconcile-environment.ts';

const ACTOR = { user: 'ada', via: 'command' } as const;
const LIST = 'playlist.PLaaaaaaaaaaaaaaaa';
const [FIRST, SECOND, THIRD] = [keyOf(1), keyOf(2), keyOf(3)];

let environment: ReconcileEnvironment;
let directory: string;

beforeEach(async () => {
  environment = await openReconcileEnvironment();
  directory = path.join(environment.directory, 'music');
  for (const key of [FIRST, SECOND, THIRD]) await environment.archive(key);
  await setTitle(1, 'A/B');
  await setTitle(2, 'Same');
  await setTitle(3, 'same');
});
afterEach(() => environment.close());

async function setTitle(number: number, title: string): Promise<void> {
  const { models } = environment.database.connection;
  await models['Video']?.updateOne({ _id: videoDocumentId(keyOf(number)) }, { $set: { title } });
}
const exported = (options: Partial<ExportOptions> = {}) =>
  exportAudio(
    { directory, names: DEFAULT_NAMES, signal: new AbortController().signal, ...options },
    ACTOR,
    environment,
  );
const files = async () => (await readdir(directory)).filter((name) => !name.startsWith('.')).sort();
const nameOf = (title: string, number: number) => `${title} [${keyOf(number).videoId}].mp3`;

test('copies everything once, with a list; what is complete is not copied again, and a new title renames', async () => {
  expect(await exported()).toMatchObject({ exported: 3, unchanged: 0, failed: [], list: 'Sonothèque.m3u8' });
  expect(await files()).toEqual(
    [nameOf('A-B', 1), nameOf('Same', 2), nameOf('same', 3), 'Sonothèque.m3u8'].sort(),
  );
  expect(await readFile(path.join(directory, nameOf('A-B', 1)), 'utf8')).toBe(`audio of ${FIRST.videoId}`);
  const list = await readFile(path.join(directory, 'Sonothèque.m3u8'), 'utf8');
  expect(list).toMatch(/^#EXTM3U\n#PLAYLIST:Sonothèque\n#EXTINF:/);
  expect(list).toContain(`A/B\n${nameOf('A-B', 1)}\n`);

  await setTitle(1, 'C');
  await writeFile(path.join(directory, nameOf('Same', 2)), 'cut');
  expect(await exported()).toMatchObject({ exported: 1, unchanged: 2, failed: [] });
  expect(await files()).toEqual(
    [nameOf('C', 1), nameOf('Same', 2), nameOf('same', 3), 'Sonothèque.m3u8'].sort(),
  );
  expect(await readFile(path.join(directory, nameOf('Same', 2)), 'utf8')).toBe(`audio of ${SECOND.videoId}`);
  const targets = await environment.database.audit.ofTarget(directory, 10);
  expect(targets).toHaveLength(2);
});

test('a playlist in its order; what was archived since a date; titles without ids', async () => {
  const { playlists } = environment.database;
  await playlists.register(
    { id: LIST, url: 'https://www.youtube.com/playlist?list=PLaaaaaaaaaaaaaaaa' },
    new Date(),
  );
  await playlists.describe(LIST, { title: 'My list' });
  const items = [THIRD, SECOND].map((key, index) => ({ key, position: index + 1 }));
  await playlists.recordItems(LIST, items, new Date());
  const result = await exported({ playlistId: LIST, names: '{title}' });
  expect(result).toMatchObject({ exported: 2, list: 'My list.m3u8' });
  expect(await files()).toEqual(['My list.m3u8', `Same [${SECOND.videoId}].mp3`, 'same.mp3'].sort());
  const list = await readFile(path.join(directory, 'My list.m3u8'), 'utf8');
  expect(list.split('\n').filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    'same.mp3',
    `Same [${SECOND.videoId}].mp3`,
  ]);
  const future = new Date(Date.now() + 3_600_000);
  expect(await exported({ since: future })).toMatchObject({ exported: 0, unchanged: 0 });
});

test('an object that is missing or another one fails alone', async () => {
  const signal = new AbortController().signal;
  await environment.store.remove(`audio/youtube/${FIRST.videoId}.mp3`, signal);
  const { models } = environment.database.connection;
  await models['Video']?.updateOne(
    { _id: videoDocumentId(SECOND) },
    { $set: { 'audio.md5': '0'.repeat(32) } },
  );
  const result = await exported();
  expect(result).toMatchObject({ exported: 1 });
  expect(result.failed.map(({ id }) => id).sort()).toEqual([FIRST, SECOND].map(videoDocumentId));
  expect(await files()).toEqual([nameOf('same', 3), 'Sonothèque.m3u8'].sort());
});

test('the command: exit codes and one JSON object', async () => {
  const run = async (...args: string[]) => {
    const program = startProgram('export', args, environment);
    const exitCode = await program.ended;
    return { exitCode, stdout: program.stdout(), stderr: program.stderr() };
  };
  const done = await run(directory, '--json', '--since', '2020-01-01');
  expect(done.exitCode).toBe(0);
  expect(JSON.parse(done.stdout)).toMatchObject({ exported: 3, failed: [] });
  expect(done.stderr).toContain('Exporting: 3 of 3 files');
  await rm(directory, { recursive: true });
  for (const args of [
    [],
    [directory, '--names', 'x'],
    [directory, '--since', 'soon'],
    [directory, '--playlist', '?'],
  ]) {
    expect(await run(...args)).toMatchObject({ exitCode: 2 });
  }
  expect(await run(directory, '--playlist', 'PLnotknown00000000')).toMatchObject({ exitCode: 1 });
  await writeFile(directory, 'a file');
  expect(await run(directory)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('not permitted'),
  });
});
