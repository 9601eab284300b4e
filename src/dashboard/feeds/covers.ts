import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Database } from '../../database/database.ts';
import { JobError } from '../../domain/job-errors.ts';
import { makeSquareCover } from '../../media/square-cover.ts';
import type { Logger } from '../../runtime/logger.ts';
import { checksumFile } from '../../storage/checksums.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import type { ObjectInfo } from '../../storage/object-store.ts';
import { coverObjectName } from '../../storage/object-names.ts';
import { FairTurns } from '../login/fair-turns.ts';
import type { FeedIndexes } from './feed-index.ts';

interface CoverDependencies {
  readonly contents: Database['playlistContents'];
  readonly indexes: FeedIndexes;
  readonly store: MinioStore;
  readonly ffmpegPath: string;
  readonly logger: Logger;
}

const DEADLINE_MS = 60_000;
/** The newest audio files whose pictures are tried. */
const TRIED_VIDEOS = 3;
/** Larger pictures are not embedded (src/media/convert.ts). */
const MAX_TAG_BYTES = 11 * 1024 ** 2;
/** The beginning of an ID3v2 tag: `ID3`, version, flags, and its length in four bytes of seven bits. */
const ID3_HEADER_BYTES = 10;
/** After the tag: enough frames for ffmpeg to know that this is an MP3. */
const FRAMES_BYTES = 64 * 1024;
/** After this time a playlist without a picture, or a failure, is looked at again. */
const MISSING_KEPT_MS = 3_600_000;
const MAX_REMEMBERED = 10_000;

/**
 * The covers of feeds, made from the picture in the newest audio of a playlist when one is first asked for, one at a time, and
 * kept in the bucket as `covers/<hash>.jpg`.
 */
export class Covers {
  readonly #dependencies: CoverDependencies;
  readonly #turns = new FairTurns({ concurrency: 1, maxWaiting: 100 });
  readonly #underWay = new Map<string, Promise<ObjectInfo | undefined>>();
  readonly #missingSince = new Map<string, number>();

  constructor(dependencies: CoverDependencies) {
    this.#dependencies = dependencies;
  }

  /** @returns undefined when there is no picture to make one from. @throws JobError when the bucket does not answer */
  async of(playlistId: string): Promise<ObjectInfo | undefined> {
    const { store } = this.#dependencies;
    const known = await store.stat(coverObjectName(playlistId), AbortSignal.timeout(DEADLINE_MS));
    if (known !== undefined) return known;
    if (Date.now() - (this.#missingSince.get(playlistId) ?? 0) < MISSING_KEPT_MS) return undefined;
    const running = this.#underWay.get(playlistId);
    if (running !== undefined) return await running;
    const making = this.#turns
      .run('covers', () => this.#make(playlistId))
      .finally(() => this.#underWay.delete(playlistId));
    this.#underWay.set(playlistId, making);
    return await making;
  }

  async #make(playlistId: string): Promise<ObjectInfo | undefined> {
    const { contents, indexes, logger } = this.#dependencies;
    const signal = AbortSignal.timeout(DEADLINE_MS);
    const { ids } = await indexes.of(playlistId);
    for (const { audio } of await contents.archivedVideos(ids.slice(0, TRIED_VIDEOS))) {
      if (audio.format !== 'mp3') continue;
      try {
        return await this.#makeFrom(audio.key, coverObjectName(playlistId), signal);
      } catch (error) {
        if (!(error instanceof JobError)) throw error;
        logger.info({ err: error, object: audio.key }, 'The cover of a feed cannot be made of this audio');
      }
    }
    if (this.#missingSince.size >= MAX_REMEMBERED) this.#missingSince.clear();
    this.#missingSince.set(playlistId, Date.now());
    return undefined;
  }

  async #makeFrom(audio: string, name: string, signal: AbortSignal): Promise<ObjectInfo> {
    const { store, ffmpegPath } = this.#dependencies;
    const header = await this.#read(audio, ID3_HEADER_BYTES, signal);
    const bytes = Math.min(tagBytes(header), MAX_TAG_BYTES) + FRAMES_BYTES;
    const directory = await mkdtemp(path.join(tmpdir(), 'sonotheque-cover-'));
    try {
      const [input, cover] = [path.join(directory, 'audio.mp3'), path.join(directory, 'cover.jpg')];
      await writeFile(input, await this.#read(audio, bytes, signal));
      await makeSquareCover({ ffmpegPath }, input, cover, signal);
      const sums = await checksumFile(cover, { signal });
      const put = { name, file: cover, ...sums, contentType: 'image/jpeg', metadata: { source: audio } };
      return await store.putFile(put, { signal });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  async #read(name: string, bytes: number, signal: AbortSignal): Promise<Buffer> {
    const { store } = this.#dependencies;
    const range = { first: 0, last: bytes - 1 };
    const { stream } = await store.openRead(name, { signal, range });
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }
}

/** The length of an ID3v2 tag with its header (ID3v2.3.0, section 3.1); 0 when there is none. */
export function tagBytes(header: Buffer): number {
  if (header.length < ID3_HEADER_BYTES || header.toString('latin1', 0, 3) !== 'ID3') return 0;
  let length = 0;
  for (const byte of header.subarray(6, 10)) length = length * 128 + (byte & 0x7f);
  return length + ID3_HEADER_BYTES;
}
