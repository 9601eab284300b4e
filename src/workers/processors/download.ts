import { toVideoAudio } from '../../database/collections/video.ts';
import { definedFields } from '../../domain/defined-fields.ts';
import type { VideoKey } from '../../domain/video-key.ts';
import type { AudioPipeline } from '../../media/audio-pipeline.ts';
import type { Staging } from '../../staging/staging.ts';
import type { StagingGate } from '../../staging/staging-gate.ts';
import type { Processor } from '../processor.ts';
import type { StageDependencies } from './stage-failure.ts';
import { createStageProcessor } from './stage.ts';
import { metadataOf } from './video-metadata.ts';

export interface DownloadDependencies extends StageDependencies {
  readonly audio: AudioPipeline;
  readonly staging: Staging;
  /** Lets a download begin when staging has capacity for it. */
  readonly gate: StagingGate;
}

/** Makes the processor that turns a video into a checked audio file in staging. */
export function createDownloadProcessor(dependencies: DownloadDependencies): Processor<'download'> {
  const { audio, database, gate, staging } = dependencies;
  return createStageProcessor(
    {
      stage: 'download',
      next: 'upload',
      // A run that lost its lock to another may stage its file after the other's was uploaded and deleted; a person may have
      // skipped the video meanwhile.
      discard: async (key) => {
        const status = (await database.videos.find(key))?.status;
        if (status === 'stored' || status === 'mirrored' || status === 'skipped') {
          await staging.removeStaged(key);
        }
      },
      work: async (key, video, context) => {
        const settings = await database.playlistContents.settingsFor(video);
        const profile = settings?.profile ?? undefined;
        const audioLanguage = settings?.language ?? undefined;
        const produce = async (onStaged: (key: VideoKey, sizeBytes: number) => void) => {
          const produced = await audio.produce(key, {
            ...definedFields({ profile, audioLanguage }),
            signal: context.signal,
            known: { url: video.url, ...metadataOf(video) },
            logger: context.logger,
            onProgress: (progress) => {
              context.reportProgress({ ...progress });
            },
          });
          onStaged(key, produced.sizeBytes);
          return produced;
        };
        // A run that died after the file was staged left it whole: nothing is downloaded twice.
        const staged =
          (await staging.readStaged(key)) ??
          (await gate.runWithReservation(video.duration ?? undefined, produce, profile));
        const { sizeBytes, durationSeconds, source, metadata } = staged;
        return {
          record: () => database.videos.markDownloaded(key, video.round, toVideoAudio(staged), metadata),
          result: { sizeBytes, audioSeconds: Math.round(durationSeconds), source },
        };
      },
    },
    dependencies,
  );
}
