import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import type { MediaConfig } from '../../src/config/config.ts';
import { checkMediaTools } from '../../src/media/media-tools.ts';
import { createAudioPipeline } from '../../src/media/audio-pipeline.ts';
import { InterruptedError } from '../../src/domain/job-errors.ts';
import { createSilentLogger } from '../../src/runtime/logger.ts';
import { filesBelow, mediaConfig, mediaContext, temporaryDirectory } from '../support/media-environment.ts';
import { isAlive } from '../support/process-tree.ts';
import { hangingBody, writeStubProgram } from '../support/stub-programs/stub-program.ts';
import { createDirectoryStaging } from '../../src/staging/directory-staging.ts';

const KEY = { provider: 'youtube', videoId: 'sample00001' } as const;
const FACTS = `I${JSON.stringify({ id: KEY.videoId, title: 'A title', duration: 10 })}`;
const say = (line: string) => `console.log(${JSON.stringify(line)});`;

let directory: string;
let staging: string;
beforeAll(async () => {
  directory = await temporaryDirectory();
  staging = path.join(directory, 'staging');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const produce = (changes: Partial<MediaConfig>, context = mediaContext()) =>
  createAudioPipeline(mediaConfig(changes), createDirectoryStaging(staging), createSilentLogger()).produce(
    KEY,
    context,
  );
const ytDlp = (name: string, body: string) => writeStubProgram(directory, `yt-dlp-${name}`, body);
const pidsIn = async (file: string) => z.array(z.number()).parse(JSON.parse(await readFile(file, 'utf8')));

/** Waits up to a deadline until these processes have ended. */
async function allGone(pids: readonly number[]): Promise<void> {
  const giveUpAt = Date.now() + 10_000;
  while (pids.some(isAlive) && Date.now() < giveUpAt) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(pids.filter(isAlive)).toEqual([]);
}

describe('programs that misbehave', () => {
  test.each([
    ['yt-dlp', 'ytDlpPath', 'mp3-320'],
    ['ffmpeg', 'ffmpegPath', 'mp3-320'],
    // An MP3 file of the usual form is checked without it.
    ['ffprobe', 'ffprobePath', 'original'],
  ] as const)('a missing %s is an operator error', async (_name, environment, profile) => {
    const failure = { errorClass: 'tool_missing', outcome: 'operator' };
    const changes = { [environment]: path.join(directory, 'not-there'), profile };
    await expect(produce(changes)).rejects.toMatchObject(failure);
    await expect(checkMediaTools(mediaConfig(changes), new AbortController().signal)).rejects.toMatchObject(
      failure,
    );
  });

  test.each([
    ['prints nothing', '', 'unknown'],
    ['prints only metadata', say(FACTS), 'unknown'],
    ['starts and leaves no file', say(FACTS) + say('B{}'), 'too_large'],
    ['names a missing file', say(FACTS) + say('F"audio.webm"'), 'unknown'],
    ['names a file elsewhere', say(FACTS) + say('F"/etc/hostname"'), 'unknown'],
    ['prints garbage', "process.stdout.write(require('node:crypto').randomBytes(200_000));", 'unknown'],
    ['crashes', "console.error('Traceback (most recent call last)'); process.exit(7);", 'unknown'],
    ['is killed', "process.kill(process.pid, 'SIGKILL');", 'unknown'],
    [
      'leaves an empty file',
      `require('node:fs').writeFileSync('audio.webm', ''); ${say(FACTS)} ${say('F"audio.webm"')}`,
      'broken_media',
    ],
    [
      'returns another video',
      `require('node:fs').writeFileSync('audio.webm', 'x'); ${say('I{"id":"anotherVide"}')} ${say('F"audio.webm"')}`,
      'extraction',
    ],
  ])('yt-dlp that %s is reported as a failure', async (what, body, errorClass) => {
    const ytDlpPath = await ytDlp(what.replaceAll(' ', '-'), body);
    await expect(produce({ ytDlpPath })).rejects.toMatchObject({ errorClass });
    expect(await filesBelow(staging)).toEqual([]);
  });

  test('endless error output neither fills the memory nor counts as progress', async () => {
    const ytDlpPath = await ytDlp(
      'endless-errors',
      `const line = 'WARNING: ' + 'x'.repeat(2000) + '\\n';
       const write = () => { while (process.stderr.write(line)); process.stderr.once('drain', write); };
       write();`,
    );
    const before = process.memoryUsage().rss;
    await expect(produce({ ytDlpPath, stallMs: 3000 })).rejects.toMatchObject({ errorClass: 'stall' });
    expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 ** 2);
  });

  test('a download that restarts again and again is a stall', async () => {
    const progress = 'P{"status":"downloading","downloaded_bytes":1024}';
    const ytDlpPath = await ytDlp('looping', `setInterval(() => { ${say(progress)} }, 50);`);
    await expect(produce({ ytDlpPath, stallMs: 1500 })).rejects.toMatchObject({ errorClass: 'stall' });
  });

  test('a cover that hangs is skipped and the audio fetched without it', async () => {
    const ytDlpPath = await ytDlp(
      'hanging-cover',
      `${say(FACTS)}
       if (configuration.includes('--write-thumbnail')) setInterval(() => {}, 1000);
       else {
         require('node:child_process').execFileSync('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=d=10', '-c:a', 'libopus', 'audio.webm']);
         ${say('F"audio.webm"')}
       }`,
    );
    const staged = await produce({ ytDlpPath, stallMs: 2000 });
    expect(staged.metadata.title).toBe('A title');
    await rm(staging, { recursive: true });
  });

  test('the deadline ends an endless download', async () => {
    const ytDlpPath = await ytDlp(
      'endless',
      `let bytes = 0; setInterval(() => console.log('P{"downloaded_bytes":' + ++bytes + '}'), 20);`,
    );
    await expect(produce({ ytDlpPath, deadlineMs: 1500 })).rejects.toMatchObject({ errorClass: 'timeout' });
  });

  test('a download of more bytes than allowed is ended', async () => {
    const ytDlpPath = await ytDlp(
      'unannounced',
      `${say('P{"downloaded_bytes":5000}')} setInterval(() => {}, 1000);`,
    );
    await expect(produce({ ytDlpPath, maxSizeBytes: 4000 })).rejects.toMatchObject({
      errorClass: 'too_large',
    });
  });

  test.each([
    ['a willing', false],
    ['a stubborn', true],
  ])('an interruption ends %s yt-dlp with all its child processes', async (_what, stubborn) => {
    const pidFile = path.join(directory, `pids-${String(stubborn)}`);
    const ytDlpPath = await ytDlp(`hanging-${String(stubborn)}`, hangingBody(pidFile, stubborn));
    const controller = new AbortController();
    const context = mediaContext(controller.signal);
    const produced = produce(
      { ytDlpPath },
      {
        ...context,
        onProgress: ({ stage }) => {
          if (stage === 'fetch') controller.abort();
        },
      },
    );
    await expect(produced).rejects.toThrow(InterruptedError);
    const pids = await pidsIn(pidFile);
    expect(pids).toHaveLength(2);
    await allGone(pids);
    expect(await filesBelow(staging)).toEqual([]);
  });

  test.each([
    ['hangs', 'setInterval(() => {}, 1000);', 'stall'],
    ['dies', "process.kill(process.pid, 'SIGKILL');", 'unknown'],
    ['has no space left', "console.error('[error] No space left on device'); process.exit(1);", 'disk_full'],
    ['exits with 0 and writes nothing', '', 'broken_media'],
  ])('ffmpeg that %s is reported as a failure', async (what, body, errorClass) => {
    const ffmpegPath = await writeStubProgram(directory, `ffmpeg-${what.replaceAll(' ', '-')}`, body);
    await expect(produce({ ffmpegPath, stallMs: 4000 })).rejects.toMatchObject({ errorClass });
    expect(await filesBelow(staging)).toEqual([]);
  });

  test('a yt-dlp that is too old, or another program in its place, is refused', async () => {
    const signal = new AbortController().signal;
    const old = await ytDlp('old', say('2024.01.01'));
    await expect(checkMediaTools(mediaConfig({ ytDlpPath: old }), signal)).rejects.toThrow(
      /2024\.01\.01 is too old: at least 2026\.07\.04/,
    );
    await expect(checkMediaTools(mediaConfig({ ytDlpPath: process.execPath }), signal)).rejects.toThrow(
      'is not yt-dlp',
    );
    const lame = await writeStubProgram(directory, 'ffmpeg-lame', say('ffmpeg version 6.0'));
    await expect(checkMediaTools(mediaConfig({ ffmpegPath: lame }), signal)).rejects.toThrow(/libmp3lame/);
  });
});
