import { videoDocumentId } from '../domain/video-key.ts';
import type { AudioPipeline } from '../media/audio-pipeline.ts';
import type { Egress } from './egress.ts';

/**
 * An audio pipeline each of whose downloads from YouTube is one start through an egress address.
 * @throws SnoozeError `egress_rest` (from `produce`) when none may be made now.
 */
export function createRateLimitedPipeline(egress: Egress, audio: AudioPipeline): AudioPipeline {
  return {
    produce: (key, context) => {
      if (key.provider !== 'youtube') return audio.produce(key, context);
      return egress.use('download', videoDocumentId(key), context.signal, async (start) => {
        const staged = await audio.produce(key, {
          ...context,
          address: start.address,
          onProgress: (progress) => {
            // Refusals come before the first bytes of the media.
            const hasBytes = progress.stage === 'fetch' && (progress.percent ?? 0) > 0;
            if (hasBytes && progress.source === undefined) start.confirm();
            context.onProgress(progress);
          },
        });
        // Another service that has the video says nothing of how the site treats this address.
        if (staged.source === 'savetube') await start.abandon();
        return staged;
      });
    },
  };
}
