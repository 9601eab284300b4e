import type { VideoDocument } from './collections/video.ts';
import { Repository } from './repository.ts';

/** What was stored within one minute. */
export interface StoredMinute {
  readonly minute: Date;
  readonly videos: number;
  readonly seconds: number;
  readonly bytes: number;
}

/** More than many workers store in a day; of more, the latest are read. */
const MAX_VIDEOS = 200_000;

/** How much was stored when. */
export class VideoThroughput extends Repository<VideoDocument> {
  /** The minutes from a moment on in which something was stored, in no particular order. */
  async storedSince(from: Date, maxVideos = MAX_VIDEOS): Promise<StoredMinute[]> {
    const minutes = await this.model.aggregate<Omit<StoredMinute, 'minute'> & { _id: string }>([
      { $match: { status: { $in: ['stored', 'mirrored'] }, stored_at: { $gte: from } } },
      { $sort: { stored_at: -1 } },
      { $limit: maxVideos },
      {
        $group: {
          _id: { $dateToString: { date: '$stored_at', format: '%Y-%m-%dT%H:%M' } },
          videos: { $sum: 1 },
          seconds: { $sum: '$audio.duration' },
          bytes: { $sum: '$audio.size' },
        },
      },
    ]);
    return minutes.map(({ _id, ...sums }) => ({ ...sums, minute: new Date(`${_id}:00Z`) }));
  }
}
