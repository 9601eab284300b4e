import { toJobError } from '../../domain/job-errors.ts';
import type { VideoKey } from '../../domain/video-key.ts';
import type { Peaks } from '../../media/peaks.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import { storePeaks } from '../../storage/peaks-object.ts';
import type { JobContext } from '../processor.ts';

/** An upload does not wait longer for its peaks: they can be measured again, the audio cannot. */
const PUT_DEADLINE_MS = 30_000;

/**
 * Stores the peaks that were measured with the audio, which is stored already. A failure is logged and no more: the
 * maintenance task `peaks` makes them later.
 * @param audioMd5 of the stored audio
 * @returns what the record says of them; undefined when they are not there.
 * @throws InterruptedError when the worker stops
 */
export async function putPeaks(
  key: VideoKey,
  peaks: Peaks | undefined,
  audioMd5: string,
  store: Pick<MinioStore, 'putText'>,
  { signal, logger }: Pick<JobContext, 'signal' | 'logger'>,
): Promise<'made' | undefined> {
  if (peaks === undefined) return undefined;
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(PUT_DEADLINE_MS)]);
    await storePeaks(store, key, JSON.stringify(peaks), audioMd5, limited);
    return 'made';
  } catch (error) {
    if (signal.aborted) throw toJobError(error, signal);
    logger.warn(
      { err: error, video: key.videoId },
      'The peaks of an audio could not be stored; they are made later',
    );
    return undefined;
  }
}
