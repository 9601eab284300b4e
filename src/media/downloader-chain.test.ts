import { describe, expect, test } from '@jest/globals';
import {
  InterruptedError,
  OperatorError,
  PermanentError,
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
const failing = (error: JobError): AudioDownloader => ({
  name: 'savetube',
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

  test.each([new InterruptedError(), new OperatorError('disk_full', 'full')])(
    '$errorClass ends it at once',
    async (error) => {
      await expect(chainDownloaders([failing(error), working]).fetch(KEY, '/w', context)).rejects.toBe(error);
    },
  );
});
