import type { DownloaderName } from '../domain/audio.ts';
import type { AnyJobError } from '../domain/job-errors.ts';
import { videoDocumentId } from '../domain/video-key.ts';
import type { AudioPipeline } from '../media/audio-pipeline.ts';
import type { EgressStart } from './egress-start.ts';
import type { Egress } from './egress.ts';

/** The downloader that asks the site itself, through the egress address. */
const OF_SITE: DownloaderName = 'yt-dlp';

/**
 * An audio pipeline each of whose downloads from YouTube is one start through an egress address. Only what the site itself
 * did counts for the address: other services say nothing of how the site treats it, whether they succeed or fail.
 * @throws SnoozeError `egress_rest` (from `produce`) when none may be made now.
 */
export function createRateLimitedPipeline(egress: Egress, audio: AudioPipeline): AudioPipeline {
  return {
    produce: (key, context) => {
      if (key.provider !== 'youtube') return audio.produce(key, context);
      return egress.use('download', videoDocumentId(key), context.signal, async (start) => {
        const failures = new Map<DownloaderName, AnyJobError>();
        try {
          const staged = await audio.produce(key, {
            ...context,
            address: start.address,
            onDownloaderFailure: (name, error) => {
              failures.set(name, error);
              context.onDownloaderFailure?.(name, error);
            },
            onProgress: (progress) => {
              // Refusals come before the first bytes of the media.
              const hasBytes = progress.stage === 'fetch' && (progress.percent ?? 0) > 0;
              if (hasBytes && progress.source === undefined) start.confirm();
              context.onProgress(progress);
            },
          });
          if (staged.source !== OF_SITE) await endOfSite(start, failures.get(OF_SITE));
          return staged;
        } catch (error) {
          const isOfOther = [...failures].some(([name, failure]) => name !== OF_SITE && failure === error);
          if (isOfOther) await endOfSite(start, failures.get(OF_SITE));
          throw error;
        }
      });
    },
  };
}

/** Ends a start with what the site did, which is not how the job ends. */
async function endOfSite(start: EgressStart, failure: AnyJobError | undefined): Promise<void> {
  if (failure !== undefined) await start.fail(failure);
  await start.abandon();
}
