import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { followPlaylistFile, hasPlaylistLines } from './playlist-file.ts';

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

test('a playlist file is read at the start and whenever its content has changed', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-list-'));
  const stop = new AbortController();
  try {
    const file = path.join(directory, 'playlist.txt');
    writeFileSync(file, '# nothing yet\n');
    const added: string[] = [];
    const lines: string[] = [];
    const changes = [
      () => {
        writeFileSync(file, 'PLsecond');
      },
      // Removed by an editor, before it puts the new one in its place.
      () => {
        rmSync(file);
        setTimeout(() => {
          writeFileSync(file, 'PLthird');
        }, 20);
      },
      () => {
        stop.abort();
      },
    ];
    const following = followPlaylistFile(file, {
      signal: stop.signal,
      say: (line) => {
        lines.push(line);
        if (lines.length === 1) changes.shift()?.();
      },
      enqueue: () => {
        added.push(readFileSync(file, 'utf8'));
        setTimeout(() => changes.shift()?.(), 30);
        return Promise.resolve();
      },
      intervalMs: 5,
    });
    await following;
    expect(added).toEqual(['PLsecond', 'PLthird']);
    expect(lines[0]).toContain('is empty');
    expect(lines[1]).toContain('has changed');
  } finally {
    stop.abort();
    rmSync(directory, { recursive: true });
  }
});
