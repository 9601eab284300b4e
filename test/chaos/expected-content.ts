import type { VideoAudio } from '../../src/database/collections/video.ts';
import { createHash } from 'node:crypto';
import { SAMPLE_VIDEOS } from '../../local/sample-channel/sample-videos.ts';
import { parseAudioObjectName } from '../../src/storage/object-names.ts';
import { instantAudio, numberOf } from './items.ts';
import type { ReadBack } from './objects.ts';
import type { AudioSource } from './worker-options.ts';

/**
 * What an object must contain. Prepared files are known byte for byte. Real downloads have the sound of one of the
 * twelve sample videos: the sound that most items with the same original have is the right one.
 */
export class ExpectedContent {
  readonly #audioSource: AudioSource;
  readonly #sounds: ReadonlyMap<number, string>;

  constructor(audioSource: AudioSource, objects: ReadonlyMap<string, ReadBack | Error>) {
    this.#audioSource = audioSource;
    this.#sounds = audioSource === 'real' ? commonSounds(objects) : new Map();
  }

  /** @returns what is wrong; undefined when the content is right. */
  problemOf(videoId: string, found: ReadBack, record: VideoAudio | null | undefined): string | undefined {
    if (found.sizeBytes !== record?.size)
      return `has ${String(found.sizeBytes)} bytes and not ${String(record?.size)}`;
    if (found.md5 !== record.md5 || found.sha256 !== record.sha256)
      return 'has another checksum than its record';
    switch (this.#audioSource) {
      case 'instant': {
        const expected = createHash('sha256').update(instantAudio(videoId).bytes).digest('hex');
        return found.sha256 === expected ? undefined : 'is not what the provider handed over';
      }
      case 'real':
        if (record.codec !== 'mp3' || record.bitrate !== 320_000) return 'is no MP3 of 320 kbps';
        return found.soundSha256 === this.#sounds.get(originalOf(videoId))
          ? undefined
          : 'sounds unlike others of the same original';
    }
  }
}

function originalOf(videoId: string): number {
  return numberOf(videoId) % SAMPLE_VIDEOS.length;
}

function commonSounds(objects: ReadonlyMap<string, ReadBack | Error>): Map<number, string> {
  const counts = new Map<number, Map<string, number>>();
  for (const [name, content] of objects) {
    const videoId = parseAudioObjectName(name)?.key.videoId;
    if (videoId === undefined || content instanceof Error) continue;
    const original = originalOf(videoId);
    const sounds = counts.get(original) ?? new Map<string, number>();
    counts.set(original, sounds.set(content.soundSha256, (sounds.get(content.soundSha256) ?? 0) + 1));
  }
  return new Map(
    [...counts].map(([original, sounds]) => {
      const [most] = [...sounds].sort(([, one], [, other]) => other - one);
      return [original, most?.[0] ?? ''];
    }),
  );
}
