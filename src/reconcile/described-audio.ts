import type { VideoAudio } from '../database/documents.ts';
import type { DescribedAudio } from '../storage/audio-metadata.ts';

/** What an object says of its video. */
export function recovered(audio: DescribedAudio) {
  const { key, sourceUrl: url, title, author, channelId, publishedAt, durationSeconds } = audio;
  return {
    key,
    url,
    ...(title === undefined ? {} : { title }),
    ...(author === undefined ? {} : { author }),
    ...(channelId === undefined ? {} : { channelId }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
  };
}

/** The record of the audio, by what its object says. */
export function audioOf(audio: DescribedAudio, bucket: string): VideoAudio {
  return {
    bucket,
    key: audio.name,
    size: audio.sizeBytes,
    md5: audio.md5,
    sha256: audio.sha256,
    etag: audio.etag,
    format: audio.format,
    ...(audio.durationSeconds === undefined ? {} : { duration: audio.durationSeconds }),
    ...(audio.codec === undefined ? {} : { codec: audio.codec }),
    ...(audio.bitrate === undefined ? {} : { bitrate: audio.bitrate }),
    ...(audio.sampleRate === undefined ? {} : { sample_rate: audio.sampleRate }),
    ...(audio.channels === undefined ? {} : { channels: audio.channels }),
    ...(audio.source === undefined ? {} : { source: audio.source }),
  };
}
