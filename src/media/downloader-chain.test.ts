import { describe, expect, test } from '@jest/globals';
import {
  InterruptedError,
  OperatorError,
  LaterError,
  PermanentError,
  ThrottledError,
  TransientError,
  type JobError,
} from '../domain/job-errors.ts';
import { createSilentLogger } from '../runtime/logger.ts';
import type { AudioDownloader } from './audio-downloader.ts';
import { chainDownloaders } from './downloader-chain.ts';

const context = {
  signal: new AbortController().signal,
  logger: createSilentLogger(),
  onProgress: () => undefined,
};
const KEY = { provider: 'youtube', videoId: 'dQw4w9WgXcQ' } as const;
const failing = (error: JobError, name: AudioDownloader['name'] = 'savetube'): AudioDownloader => ({
  name,
  fetch: () => Promise.reject(error),
});
const working: AudioDownloader = {
  name: 'yt-dlp',
  fetch: () => Promise.resolve({ file: '/x', metadata: { url: 'u' }, source: 'yt-dlp' }),
};

describe('a chain of downloaders', () => {
  test('the next one is tried when one fails', async () => {
    const chain = chainDownloaders([failing(new PermanentError('removed', 'gone')), working]);
    expect((await chain.fetch(KEY, '/w', context)).source).toBe('yt-dlp');
  });

  test('the last error is thrown, with the earlier one as its cause', async () => {
    const first = new PermanentError('removed', 'gone');
    const chain = chainDownloaders([failing(first), failing(new TransientError('network', 'cut'))]);
    await expect(chain.fetch(KEY, '/w', context)).rejects.toMatchObject({
      errorClass: 'network',
      cause: first,
    });
  });

  const limited = () => new ThrottledError('bot_check', 'robots');
  const cut = () => new TransientError('network', 'cut');
  const gone = () => new PermanentError('removed', 'gone');
  test.each([
    ['the site asks for a rest', limited(), cut(), 'bot_check'],
    ['the site asks for a rest, the service refuses', limited(), gone(), 'bot_check'],
    ['it is not there yet', new LaterError('live', 'now'), cut(), 'live'],
    ['both may succeed later: the site counts', new TransientError('extraction', 'x'), cut(), 'extraction'],
    ['the service may succeed later', gone(), cut(), 'network'],
    ['the site may succeed later', cut(), gone(), 'network'],
  ])('%s', async (_what, ofSite, ofService, errorClass) => {
    for (const order of [
      [failing(ofSite, 'yt-dlp'), failing(ofService)],
      [failing(ofService), failing(ofSite, 'yt-dlp')],
    ] as const) {
      const seen: string[] = [];
      const reported = {
        ...context,
        onDownloaderFailure: (name: string, error: JobError) =>
          void seen.push(`${name}: ${error.errorClass}`),
      };
      await expect(chainDownloaders(order).fetch(KEY, '/w', reported)).rejects.toMatchObject({ errorClass });
      expect(seen.sort()).toEqual([`savetube: ${ofService.errorClass}`, `yt-dlp: ${ofSite.errorClass}`]);
    }
  });

  test.each([new InterruptedError(), new OperatorError('disk_full', 'full')])(
    '$errorClass ends it at once',
    async (error) => {
      await expect(chainDownloaders([failing(error), working]).fetch(KEY, '/w', context)).rejects.toBe(error);
    },
  );
});
