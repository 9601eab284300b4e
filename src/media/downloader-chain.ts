import type { DownloaderName } from '../domain/audio.ts';
import { toJobError, type AnyJobError } from '../domain/job-errors.ts';
import type { AudioDownloader } from './audio-downloader.ts';

interface Failure {
  readonly name: DownloaderName;
  readonly error: AnyJobError;
}

/**
 * Tries downloaders in order until one succeeds. An interruption or an operator error ends the chain at once. Each failure
 * is reported for its downloader; of several the one with the best prospects is thrown, with another one as its cause.
 */
export function chainDownloaders<Audio>(
  downloaders: readonly [AudioDownloader<Audio>, ...AudioDownloader<Audio>[]],
): Pick<AudioDownloader<Audio>, 'fetch'> {
  return {
    async fetch(key, workDirectory, context) {
      const failures: Failure[] = [];
      for (const downloader of downloaders) {
        try {
          return await downloader.fetch(key, workDirectory, context);
        } catch (thrown) {
          const { name } = downloader;
          const error = toJobError(thrown, context.signal);
          context.onDownloaderFailure?.(name, error);
          failures.push({ name, error });
          if (error.outcome === 'interrupted' || error.outcome === 'operator') {
            error.cause ??= failures.at(-2)?.error;
            throw error;
          }
          context.logger.info({ video: key.videoId, err: error }, `${name} failed`);
        }
      }
      throw failures.reduce(better).error;
    },
  };
}

/**
 * The site that asks for a rest is not asked again before that; what is not available yet comes at its time; and while one
 * downloader may still succeed, the others do not make the video fail.
 */
const PROSPECTS: readonly AnyJobError['outcome'][] = ['throttled', 'later', 'transient', 'permanent'];

/** Of equal failures that of yt-dlp counts, which asks the site itself; otherwise the last. */
function better(earlier: Failure, later: Failure): Failure {
  const [first, second] = [earlier, later].map(({ error }) => PROSPECTS.indexOf(error.outcome));
  const isEarlier = first === second ? earlier.name === 'yt-dlp' : Number(first) < Number(second);
  const [best, other] = isEarlier ? [earlier, later] : [later, earlier];
  best.error.cause ??= other.error;
  return best;
}
