import { toJobError, type JobError } from '../domain/job-errors.ts';
import type { AudioDownloader } from './audio-downloader.ts';

/**
 * Tries downloaders in order until one succeeds. An interruption or an operator error ends the chain at once. The error
 * of the last one tried is thrown; earlier errors are logged and appended to its causes.
 */
export function chainDownloaders(
  downloaders: readonly [AudioDownloader, ...AudioDownloader[]],
): Pick<AudioDownloader, 'fetch'> {
  return {
    async fetch(key, workDirectory, context) {
      const [first, ...others] = downloaders;
      let failure: JobError;
      try {
        return await first.fetch(key, workDirectory, context);
      } catch (error) {
        failure = toJobError(error);
      }
      for (const downloader of others) {
        if (failure.outcome === 'interrupted' || failure.outcome === 'operator') break;
        context.logger.info(
          { video: key.videoId, err: failure, next: downloader.name },
          'This downloader failed; trying the next one.',
        );
        try {
          return await downloader.fetch(key, workDirectory, context);
        } catch (error) {
          const later = toJobError(error);
          later.cause ??= failure;
          failure = later;
        }
      }
      throw failure;
    },
  };
}
