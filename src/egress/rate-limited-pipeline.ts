import type { AudioPipeline } from '../media/audio-pipeline.ts';
import type { Egress } from './egress.ts';

/**
 * An audio producer each of whose YouTube downloads is one start through an identity.
 * @returns `produce` throws EgressRestError when none may be made now.
 */
export function createRateLimitedPipeline(egress: Egress, audio: AudioPipeline): AudioPipeline {
  return {
    produce: (key, context) => {
      if (key.provider !== 'youtube') return audio.produce(key, context);
      return egress.use('download', context.signal, async (turn) => {
        const staged = await audio.produce(key, {
          ...context,
          address: turn.address,
          onProgress: (progress) => {
            // Refusals come before the first bytes of the media.
            if (progress.stage === 'fetch' && (progress.percent ?? 0) > 0 && progress.source === undefined)
              turn.confirm();
            context.onProgress(progress);
          },
        });
        // A service that has the video, too, says nothing of how the site treats this way out.
        if (staged.source === 'savetube') await turn.leave();
        return staged;
      });
    },
  };
}
