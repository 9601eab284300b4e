import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { ExportFiles } from './export-files.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-export-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const md5Of = (text: string) => createHash('md5').update(text).digest('hex');

async function exportText(files: ExportFiles, id: string, name: string, text: string): Promise<string> {
  const file = await files.claim(id, name, 'mp3', id, md5Of(text));
  const part = files.newPart();
  writeFileSync(part, text);
  await files.finish(part, { id, file, sizeBytes: text.length, md5: md5Of(text) });
  return file;
}

test('two videos of one name get two files, and keep them in a later export in another order', async () => {
  const first = await ExportFiles.open(directory);
  expect(await exportText(first, 'a', 'Same', 'text a')).toBe('Same.mp3');
  expect(await exportText(first, 'b', 'SAME', 'text b')).toBe('SAME [b].mp3');
  first.close();
  const second = await ExportFiles.open(directory);
  expect(await second.claim('b', 'SAME', 'mp3', 'b', md5Of('text b'))).toBe('SAME [b].mp3');
  expect(await second.claim('a', 'Same', 'mp3', 'a', md5Of('text a'))).toBe('Same.mp3');
});

test('a file of other origin is never replaced', async () => {
  writeFileSync(path.join(directory, 'Mine.mp3'), 'mine');
  const files = await ExportFiles.open(directory);
  expect(await exportText(files, 'a', 'Mine', 'theirs')).toBe('Mine [a].mp3');
  expect(readFileSync(path.join(directory, 'Mine.mp3'), 'utf8')).toBe('mine');
});

test('a file that was put in its place right before a crash is the file of its video', async () => {
  writeFileSync(path.join(directory, 'Title.mp3'), 'whole');
  const files = await ExportFiles.open(directory);
  expect(await files.claim('a', 'Title', 'mp3', 'a', md5Of('whole'))).toBe('Title.mp3');
});

test('only a complete file of the same version is found; a cut line of the index does no harm', async () => {
  const files = await ExportFiles.open(directory);
  const file = await exportText(files, 'a', 'Title', 'version 1');
  const index = path.join(directory, '.sonotheque-export', 'index.jsonl');
  writeFileSync(index, `${readFileSync(index, 'utf8')}{"id":"b","file":"x`);
  const again = await ExportFiles.open(directory);
  expect(await again.find('a', { size: 9, md5: md5Of('version 1') })).toBe(file);
  expect(await again.find('a', { size: 9, md5: md5Of('version 2') })).toBeUndefined();
  expect(await again.find('b', { size: 9, md5: undefined })).toBeUndefined();
  writeFileSync(path.join(directory, file), 'cut');
  expect(await again.find('a', { size: 9, md5: md5Of('version 1') })).toBeUndefined();
});

test('a video with another title gets another name, not a second file', async () => {
  const files = await ExportFiles.open(directory);
  await exportText(files, 'a', 'Old', 'text');
  await files.renameTo('a', await files.claim('a', 'sub/New', 'mp3', 'a', md5Of('text')));
  expect(existsSync(path.join(directory, 'sub/New.mp3'))).toBe(true);
  expect(readdirSync(directory).sort()).toEqual(['.sonotheque-export', 'sub']);
  const again = await ExportFiles.open(directory);
  expect(await again.find('a', { size: 4, md5: md5Of('text') })).toBe('sub/New.mp3');
});

test('two exports do not write to one directory', async () => {
  const state = path.join(directory, '.sonotheque-export');
  mkdirSync(state);
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', 'export.ts']);
  await once(other, 'spawn');
  writeFileSync(path.join(state, 'pid'), String(other.pid));
  await expect(ExportFiles.open(directory)).rejects.toThrow(`An export to ${directory} is already running`);
  other.kill('SIGKILL');
  await once(other, 'exit');
  (await ExportFiles.open(directory)).close();
  expect(readdirSync(state)).toEqual([]);
});
