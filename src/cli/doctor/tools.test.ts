import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { formatFindings, type Finding } from './finding.ts';
import { programOutput } from './program-output.ts';
import { checkPlugins, slowProgram, withAge } from './tools.ts';

const NOW = new Date('2026-12-25T12:00:00Z');
const ytDlp: Finding = {
  name: 'yt-dlp',
  state: 'ok',
  found: '2026.10.01',
  needed: '2026.07.04 or newer',
  where: '/bin/yt-dlp',
  advice: '',
};

test('a yt-dlp older than 60 days is a warning that says how to update it', () => {
  expect(withAge({ ...ytDlp, found: '2026.12.01' }, NOW).state).toBe('ok');
  const old = withAge(ytDlp, NOW);
  expect(old).toMatchObject({ state: 'warning', advice: expect.stringContaining('npm run update-yt-dlp') });
  expect(formatFindings([old])).toMatch(/^WARNING +yt-dlp/m);
});

test('a yt-dlp that is too old to be used stays missing', () => {
  expect(withAge({ ...ytDlp, state: 'missing', found: '2026.01.01', advice: 'Update.' }, NOW)).toMatchObject({
    state: 'missing',
    advice: 'Update.',
  });
});

test('the plugin directory must be readable and hold a plugin', async () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'sonotheque-doctor-'));
  try {
    expect(await checkPlugins(undefined)).toEqual([]);
    expect(await checkPlugins(directory)).toMatchObject([{ state: 'missing' }]);
    expect(await checkPlugins(path.join(directory, 'none'))).toMatchObject([
      { state: 'missing', advice: expect.stringContaining('YTDLP_PLUGIN_DIR') },
    ]);
    mkdirSync(path.join(directory, 'bgutil', 'yt_dlp_plugins'), { recursive: true });
    expect(await checkPlugins(directory)).toMatchObject([{ state: 'ok', found: 'bgutil' }]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a program that takes too long is not called missing, one that is not there is', async () => {
  const slow = await programOutput('sleep', ['30'], 50);
  expect(slow).toEqual({ text: '', reason: 'slow' });
  expect(await programOutput('/no/such/program', [])).toEqual({ text: '', reason: 'absent' });
  expect(slowProgram(ytDlp, [slow])).toMatchObject({
    state: 'warning',
    found: 'slow',
    advice: expect.stringMatching(/busy/),
  });
  expect(slowProgram(ytDlp, [{ text: '', reason: 'absent' }, { text: 'output' }])).toBeUndefined();
});
