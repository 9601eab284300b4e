import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { PermanentError, TransientError } from '../domain/job-errors.ts';
import { parseVideoKey, videoDocumentId, type VideoKey } from '../domain/video-key.ts';
import type { StagedAudio } from '../media/audio-downloader.ts';
import { parseJson } from '../runtime/json.ts';
import { audioContentType } from '../storage/audio-content-type.ts';
import { checksumFile } from '../storage/checksums.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import { STAGING_PREFIX } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import {
  emptyIfContainerMissing,
  ObjectMissingError,
  undefinedIfMissing,
} from '../storage/storage-errors.ts';
import { copyAudio } from '../storage/upload-audio.ts';
import { patiently } from './patiently.ts';
import { parseStagedMetadata } from './staged-metadata.ts';
import type { Staging } from './staging.ts';
import {
  parseStagedObjectName,
  stagedAudioName,
  stagedMetadataName,
  stagedObjectPrefix,
} from './staging-names.ts';
import { workDirectoriesIn } from './work-directories.ts';

/** Of the metadata object: peaks, description and tags take a tenth of it. */
const MAX_METADATA_BYTES = 1024 ** 2;
/** Small requests have their own limits and end soon. */
const NEVER = new AbortController().signal;

const checksumsSchema = z.object({
  md5: z.string().regex(/^[0-9a-f]{32}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** The objects that are staged of one video. */
interface StagedObjects {
  readonly key: VideoKey;
  readonly audio: ObjectInfo[];
  metadata: ObjectInfo | undefined;
}

/**
 * Staging in the bucket, for download and upload workers on any hosts: audio is `staging/<provider>/<videoId>.<SHA-256>.<format>`
 * and becomes staged with `staging/<provider>/<videoId>.json`, which is put after it and names it by its SHA-256. So what is
 * read is one whole result, however many workers put one at the same time. The upload is a copy within the bucket.
 * docs/dev/staging.md goes through the crashes.
 * @param directory for the work directories of this machine.
 */
export function createBucketStaging(bucket: MinioStore, directory: string): Staging {
  async function read(key: VideoKey): Promise<StagedAudio | undefined> {
    const content = await readMetadata(bucket, key);
    const metadata = content === undefined ? undefined : parseStagedMetadata(content);
    const sums = checksumsSchema.safeParse(parseJson(content ?? '')).data;
    if (metadata === undefined || sums === undefined) return undefined;
    const file = stagedAudioName(key, sums.sha256, metadata.format);
    const found = await bucket.stat(file, NEVER);
    const isConsistent =
      found?.sizeBytes === metadata.sizeBytes &&
      found.md5 === sums.md5 &&
      found.metadata?.['sha256'] === sums.sha256;
    return isConsistent ? { ...metadata, file } : undefined;
  }

  async function* listObjects(): AsyncGenerator<StagedObjects, void> {
    let current: StagedObjects | undefined;
    for await (const page of emptyIfContainerMissing(bucket.list(STAGING_PREFIX, NEVER))) {
      for (const object of page) {
        const parsed = parseStagedObjectName(object.name);
        if (parsed === undefined) continue;
        // A listing is in the order of names, so the objects of a video follow each other.
        if (current === undefined || videoDocumentId(current.key) !== videoDocumentId(parsed.key)) {
          if (current !== undefined) yield current;
          current = { key: parsed.key, audio: [], metadata: undefined };
        }
        if (parsed.isMetadata) current.metadata = object;
        else current.audio.push(object);
      }
    }
    if (current !== undefined) yield current;
  }

  return {
    ...workDirectoriesIn(directory),
    isOnWorkDisk: false,
    // All workers of an installation have one bucket, whatever name its server has for each of them.
    id: () => Promise.resolve(`s3.${bucket.container}`),
    prepare: (signal) => bucket.ensureContainer(signal),
    // A bucket that is full can still be listed.
    probe: async (signal) => {
      const name = `${STAGING_PREFIX}probe`;
      await bucket.putText({ name, text: '', contentType: 'text/plain', metadata: {} }, signal);
      await bucket.remove(name, signal);
    },
    isReachable: () => Promise.resolve(true),
    put: async (key, workFile, metadata, signal = NEVER) => {
      assertKey(key);
      const sums = await checksumFile(workFile, { signal });
      if (sums.sizeBytes !== metadata.sizeBytes) {
        throw new TransientError('storage_mismatch', 'The finished file changed before it was staged.');
      }
      const file = stagedAudioName(key, sums.sha256, metadata.format);
      const contentType = audioContentType(metadata.format);
      const audio = { name: file, file: workFile, ...sums, contentType, metadata: {} };
      await patiently(() => bucket.putFile(audio, { signal }), signal);
      // From here on it is staged.
      const description = {
        name: stagedMetadataName(key),
        text: `${JSON.stringify({ ...metadata, ...sums })}\n`,
        ...{ contentType: 'application/json', metadata: {} },
      };
      await patiently(() => bucket.putText(description, signal), signal);
      return { ...metadata, file };
    },
    findStaged: async (key) => {
      const staged = await read(key);
      return staged && { key, file: staged.file, sizeBytes: staged.sizeBytes };
    },
    readStaged: read,
    upload: async (staged, audio, store, options) => {
      const missing = (cause?: unknown) =>
        new TransientError('staged_file_missing', `${staged.file} does not exist any more.`, { cause });
      const source = await store.stat(staged.file, options.signal);
      if (source?.sizeBytes !== staged.sizeBytes) throw missing();
      try {
        return await copyAudio(store, audio, source, options);
      } catch (error) {
        throw error instanceof ObjectMissingError ? missing(error) : error;
      }
    },
    listStaged: async function* () {
      for await (const { key, audio, metadata } of listObjects()) {
        const [first] = audio;
        if (metadata !== undefined && first !== undefined) {
          yield { key, file: first.name, sizeBytes: first.sizeBytes };
        }
      }
    },
    listSizes: async function* () {
      for await (const { key, audio } of listObjects()) {
        yield { key, sizeBytes: audio.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
      }
    },
    listUnfinished: async function* (olderThanMs) {
      let nowMs: number | undefined;
      for await (const { key, audio, metadata } of listObjects()) {
        if (metadata !== undefined && audio.length > 0) continue;
        // By the clock that dated the objects: that of this machine may differ.
        nowMs ??= (await bucket.serverTime(NEVER)).getTime();
        const dates = [...audio, ...(metadata === undefined ? [] : [metadata])].map(({ lastModified }) =>
          lastModified.getTime(),
        );
        if (nowMs - Math.max(...dates) >= olderThanMs) yield key;
      }
    },
    removeStaged: async (key) => {
      assertKey(key);
      const names: string[] = [];
      for await (const page of emptyIfContainerMissing(bucket.list(stagedObjectPrefix(key), NEVER))) {
        names.push(...page.map(({ name }) => name));
      }
      // What makes it staged goes first: a crash in between leaves audio that nothing names.
      const first = stagedMetadataName(key);
      for (const name of names.sort((left, right) => Number(right === first) - Number(left === first))) {
        await bucket.remove(name, NEVER);
      }
    },
  };
}

/** The text of the metadata object; undefined when there is none, or it is larger than ours are. */
async function readMetadata(bucket: MinioStore, key: VideoKey): Promise<string | undefined> {
  assertKey(key);
  const opened = await undefinedIfMissing(bucket.openRead(stagedMetadataName(key), { signal: NEVER }));
  if (opened === undefined) return undefined;
  if (opened.info.sizeBytes > MAX_METADATA_BYTES) {
    opened.stream.destroy();
    return undefined;
  }
  return await text(opened.stream);
}

/** Checked at run time, as an invalid id could lead out of the prefix. */
function assertKey({ provider, videoId }: VideoKey): void {
  if (parseVideoKey(provider, videoId) === undefined) {
    throw new PermanentError('unsupported', 'Invalid video id.');
  }
}
