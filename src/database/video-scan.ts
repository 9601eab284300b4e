import type { VideoDocument } from './collections/video.ts';
import type { Stage } from '../domain/video-status.ts';
import type { QueryFilter } from 'mongoose';
import { parseVideoDocumentId, videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import { Repository } from './repository.ts';
import type { VideoState } from './video-rounds.ts';

/** The few fields that a scan reads of each video, as there may be a million of them. */
export interface ScannedVideo extends VideoState {
  readonly firstRound: number;
  readonly nextRetryAt: Date | undefined;
  /** The stage at which a failed or waiting video continues. */
  readonly failedStage: Stage | undefined;
  /** Name and size of its object; undefined before the first upload and while a lost object is made again. */
  readonly object: { readonly name: string; readonly sizeBytes: number } | undefined;
  /** When a person deleted it, once its deletion is finished. */
  readonly deletedAt: Date | undefined;
}

type ScannedDocument = Pick<
  VideoDocument,
  '_id' | 'status' | 'round' | 'first_round' | 'next_retry_at' | 'error' | 'audio' | 'deletion'
>;

const FIELDS = {
  status: 1,
  round: 1,
  first_round: 1,
  next_retry_at: 1,
  'error.stage': 1,
  'audio.key': 1,
  'audio.size': 1,
  'deletion.at': 1,
  'deletion.finished_at': 1,
} as const;
/** mongo-java-server reads all videos for each page, so fewer and larger pages are faster. */
const PAGE_SIZE = 3_000;

/** Reads the videos in the order of their `_id`, page by page, so that memory does not grow with their number. */
export class VideoScan extends Repository<VideoDocument> {
  /** The videos with one status. A video that changes its status during the scan may be included or not. */
  async *withStatus(status: VideoDocument['status']): AsyncGenerator<readonly ScannedVideo[], void> {
    yield* this.#pages({ status });
  }

  /** The videos that are to be downloaded and do not wait in the backlog: each has its job, or lost it. */
  async *outsideBacklog(): AsyncGenerator<readonly ScannedVideo[], void> {
    yield* this.#pages({ status: 'discovered', backlog_order: null });
  }

  /** Videos that a person deleted and whose objects or jobs may still be there. */
  async *unfinishedDeletions(): AsyncGenerator<readonly ScannedVideo[], void> {
    yield* this.#pages({ status: 'skipped', skip_reason: 'deleted', 'deletion.finished_at': null });
  }

  async *all(): AsyncGenerator<readonly ScannedVideo[], void> {
    yield* this.#pages({});
  }

  /** The present state of these videos by `_id`; unknown videos are left out. */
  async find(keys: readonly VideoKey[]): Promise<ReadonlyMap<string, ScannedVideo>> {
    if (keys.length === 0) return new Map();
    const documents = await this.model
      .find({ _id: { $in: keys.map(videoDocumentId) } }, FIELDS)
      .lean<ScannedDocument[]>();
    return new Map(documents.flatMap(scanned).map((video) => [videoDocumentId(video.key), video]));
  }

  async isEmpty(): Promise<boolean> {
    return (await this.model.findOne({}, { _id: 1 }).lean()) === null;
  }

  async *#pages(filter: QueryFilter<VideoDocument>): AsyncGenerator<readonly ScannedVideo[], void> {
    let lastId: string | undefined;
    for (;;) {
      const documents: ScannedDocument[] = await this.model
        .find({ ...filter, ...(lastId === undefined ? {} : { _id: { $gt: lastId } }) }, FIELDS)
        .sort({ _id: 1 })
        .limit(PAGE_SIZE)
        .lean<ScannedDocument[]>();
      if (documents.length > 0) yield documents.flatMap(scanned);
      if (documents.length < PAGE_SIZE) return;
      lastId = documents.at(-1)?._id;
    }
  }
}

/** Empty for a document whose `_id` is not a video key: another program may have inserted it. */
function scanned(document: ScannedDocument): ScannedVideo[] {
  const key = parseVideoDocumentId(document._id);
  if (key === undefined) return [];
  const { audio } = document;
  return [
    {
      key,
      status: document.status,
      round: document.round,
      firstRound: document.first_round,
      nextRetryAt: document.next_retry_at ?? undefined,
      failedStage: document.error?.stage,
      object: audio?.key === undefined ? undefined : { name: audio.key, sizeBytes: audio.size },
      deletedAt: document.deletion?.finished_at ? document.deletion.at : undefined,
    },
  ];
}
