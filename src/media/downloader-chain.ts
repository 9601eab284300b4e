import { toJobError, type JobError } from '../domain/job-errors.ts';
import type { AudioDownloader } from './audio-downloader.ts';

/**
 * Tries providers in order until one succeeds. An interruption or a matter for the operator ends the chain at
 * once. The last provider's error is the chain's; earlier ones are logged and become the end of its causes.
 */
export function chainDownloaders(
  providers: readonly [AudioDownloader, ...AudioDownloader[]],
): Pick<AudioDownloader, 'fetch'> {
  return {
    async fetch(key, workDirectory, context) {
      const [first, ...others] = providers;
      let failure: JobError;
      try {
        return await first.fetch(key, workDirectory, context);
      } catch (error) {
        failure = toJobError(error);
      }
      for (const provider of others) {
        if (failure.outcome === 'interrupted' || failure.outcome === 'operator') break;
        context.logger.info(
          { video: key.videoId, err: failure, next: provider.name },
          'This provider failed; trying the next one.',
        );
        try {
          return await provider.fetch(key, workDirectory, context);
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
