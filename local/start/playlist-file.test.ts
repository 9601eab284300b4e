import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { hasPlaylistLines } from './playlist-file.ts';

test.each([
  ['', false],
  ['\uFEFF# nothing\r\n\r\n   \n', false],
  ['# a\n  PLabc  \n', true],
  ['\uFEFFPLabc', true],
])('%j has a playlist: %s', async (text, expected) => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-list-'));
  try {
    const file = path.join(directory, 'playlist.txt');
    writeFileSync(file, text);
    expect(await hasPlaylistLines(file)).toBe(expected);
    expect(await hasPlaylistLines(`${file}.none`)).toBe(false);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
