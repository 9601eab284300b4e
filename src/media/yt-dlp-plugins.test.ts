import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { findPlugins, pluginArguments } from './yt-dlp-plugins.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-plugins-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('no directory allows no plugins; a directory allows those in it', async () => {
  expect(await pluginArguments(undefined)).toEqual([]);
  expect(await pluginArguments(directory)).toEqual(['--plugin-dirs', directory]);
});

test('a directory that cannot be read pauses the work and names the setting', async () => {
  await expect(pluginArguments(path.join(directory, 'none'))).rejects.toMatchObject({
    outcome: 'operator',
    message: expect.stringContaining('YTDLP_PLUGIN_DIR'),
  });
});

test('finds plugins as yt-dlp does: one level down, and in archives', async () => {
  mkdirSync(path.join(directory, 'bgutil', 'yt_dlp_plugins', 'extractor'), { recursive: true });
  mkdirSync(path.join(directory, 'other'));
  writeFileSync(path.join(directory, 'plugin.whl'), '');
  writeFileSync(path.join(directory, 'README'), '');
  expect(await findPlugins(directory)).toEqual(['bgutil', 'plugin.whl']);
  // One level too deep: the plugin itself was named instead of the directory that holds it.
  expect(await findPlugins(path.join(directory, 'bgutil'))).toEqual([]);
});
