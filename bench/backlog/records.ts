import { video } from './seed-backlog.ts';

/** A description of about the usual length; it is most of a record. */
const DESCRIPTION = 'A reading of one of the tales that are told in the evening. '.repeat(14);

/** As the last stage leaves it. */
export function mirroredVideo(index: number, now: number) {
  const waiting = video(index, now);
  const name = `audio/youtube/${waiting.video_id}.mp3`;
  const at = new Date(now);
  const md5 = '0'.repeat(32);
  return {
    ...waiting,
    status: 'mirrored',
    published_at: at,
    thumbnail: `https://i.ytimg.com/vi/${waiting.video_id}/maxresdefault.jpg`,
    description: DESCRIPTION,
    tags: ['story', 'tale', 'language', 'reading', 'evening'],
    audio: {
      ...{ bucket: 'audio', key: name, size: 9_600_000, md5, sha256: '0'.repeat(64), etag: md5 },
      ...{ duration: 240.1, codec: 'mp3', bitrate: 320_000, sample_rate: 44_100, channels: 2, format: 'mp3' },
      ...{ source: 'yt-dlp', language: 'en', track_kind: 'original', source_format: '251', peaks: 'made' },
    },
    stored_at: at,
    mirror: { container: 'audio', name, etag: '0x8DC0000000000000', size: 9_600_000, md5, at },
  };
}

/** There are three of a video that succeeds at once: one for each stage. */
export function logOfMirrored(index: number, now: number) {
  const { _id, url, title } = video(index, now);
  return {
    ...{ video_id: _id, url, title, status: 'success', timestamp: new Date(now), retry_attempts: 0 },
    ...{ stage: 'download', round: 0, attempt: 1, duration_ms: 6_000, worker: 'worker-host-12345' },
    _id: '0'.repeat(12),
  };
}
