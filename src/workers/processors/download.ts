import type { VideoDocument } from '../../database/documents.ts';
import type { VideoDescription } from '../../media/audio-downloader.ts';
import type { AudioPipeline } from '../../media/audio-pipeline.ts';
import type { Staging } from '../../staging/staging.ts';
import type { StagingGate } from '../../staging/staging-gate.ts';
import type { Processor } from '../processor.ts';
import { audioRecord } from './audio-record.ts';
import { createStageProcessor } from './stage.ts';
import type { FailureDependencies } from './stage-failure.ts';

/** What downloading needs. */
export interface DownloadDependencies extends FailureDependencies {
  readonly audio: AudioPipeline;
  readonly staging: Staging;
  /** Lets a download begin when there is room for it. */
  readonly gate: StagingGate;
}

/** Makes the processor that turns a video into a checked audio file in staging. */
export function createDownloadProcessor(dependencies: DownloadDependencies): Processor<'download'> {
  const { audio, database, gate, staging } = dependencies;
  return createStageProcessor(
    {
      stage: 'download',
      next: 'upload',
      // A run that lost its lock to another may stage its file after the other's was uploaded and deleted.
      discard: async (key) => {
        const status = (await database.videos.find(key))?.status;
        if (status === 'stored' || status === 'mirrored') await staging.removeStaged(key);
      },
      work: async (key, video, context) => {
        // A run that died after the file was in place left it whole: nothing is downloaded twice.
        const staged =
          (await staging.readStaged(key)) ??
          (await gate.within(video.duration ?? undefined, () =>
            audio.produce(key, {
              signal: context.signal,
              known: descriptionOf(video),
              logger: context.logger,
              onProgress: (progress) => {
                context.reportProgress({ ...progress });
              },
            }),
          ));
        return {
          record: () =>
            database.videos.markDownloaded(key, video.round, audioRecord(staged), staged.metadata),
          result: {
            sizeBytes: staged.sizeBytes,
            audioSeconds: Math.round(staged.durationSeconds),
            source: staged.source,
          },
        };
      },
    },
    dependencies,
  );
}

function descriptionOf(video: VideoDocument): VideoDescription {
  return {
    url: video.url,
    ...(typeof video.title === 'string' ? { title: video.title } : {}),
    ...(typeof video.author === 'string' ? { author: video.author } : {}),
    ...(typeof video.duration === 'number' ? { durationSeconds: video.duration } : {}),
    ...(video.published_at instanceof Date ? { publishedAt: video.published_at } : {}),
  };
}
