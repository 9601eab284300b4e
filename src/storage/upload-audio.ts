import { TransientError } from '../domain/job-errors.ts';
import { audioContentType } from './audio-content-type.ts';
import { toObjectMetadata, type AudioMetadata } from './audio-metadata.ts';
import { checksumFile, type Checksums } from './checksums.ts';
import type { PlainMetadata } from './metadata.ts';
import type { MinioStore } from './minio-store.ts';
import { audioObjectName } from './object-names.ts';
import type { ObjectInfo, TransferOptions } from './object-store.ts';

/** What is stored with a finished audio. */
export interface AudioToStore extends AudioMetadata {
  /** Extension without the dot. */
  readonly format: string;
  /** Name of the audio profile, such as `mp3-320`. */
  readonly profile: string;
}

/** A finished audio file and the metadata to store with it. */
export interface AudioUpload extends AudioToStore {
  /** Absolute path. */
  readonly file: string;
}

export interface StoredAudio extends Checksums {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  /** False when the bucket already had an equal object and nothing was sent or copied. */
  readonly sent: boolean;
}

/**
 * Uploads a finished audio file to the bucket and verifies the stored object. Safe to repeat.
 * @throws TransientError `staged_file_missing` when the file does not exist, `storage_mismatch` when the stored object is
 *   not the file; any JobError of the store.
 */
export async function uploadAudio(
  store: MinioStore,
  audio: AudioUpload,
  options: TransferOptions,
): Promise<StoredAudio> {
  const sums = await checksumFile(audio.file, { signal: options.signal });
  return await storeOnce(store, audio, sums, options.signal, (object) =>
    store.putFile({ ...object, ...sums, file: audio.file }, options),
  );
}

/**
 * Makes an object of the bucket the audio object of its video, and verifies it; the server copies it. Safe to repeat.
 * @param source as it was looked up, with its MD5 and SHA-256 in its metadata.
 * @throws ObjectMissingError when it is not there any more, TransientError `storage_mismatch` when it was replaced or when it
 *   has no checksums; any JobError of the store.
 */
export async function copyAudio(
  store: MinioStore,
  audio: AudioToStore,
  source: ObjectInfo,
  options: TransferOptions,
): Promise<StoredAudio> {
  const { md5, metadata, sizeBytes } = source;
  const sha256 = metadata?.['sha256'];
  if (md5 === undefined || sha256 === undefined) {
    throw new TransientError('storage_mismatch', `${source.name} has no checksums.`);
  }
  const sums = { md5, sha256, sizeBytes };
  return await storeOnce(store, audio, sums, options.signal, (object) =>
    store.copyObject({ ...object, ...sums, source }, options),
  );
}

/** Stores audio unless the bucket has an equal object. */
async function storeOnce(
  store: MinioStore,
  audio: AudioToStore,
  sums: Checksums,
  signal: AbortSignal,
  put: (object: {
    readonly name: string;
    readonly contentType: string;
    readonly metadata: PlainMetadata;
  }) => Promise<ObjectInfo>,
): Promise<StoredAudio> {
  const name = audioObjectName(audio.key, audio.format);
  const location = { bucket: store.container, key: name, ...sums };
  const known = await store.stat(name, signal);
  const isStored =
    known?.sizeBytes === sums.sizeBytes &&
    known.md5 === sums.md5 &&
    known.metadata?.['sha256'] === sums.sha256;
  if (isStored) return { ...location, etag: known.etag, sent: false };
  const contentType = audioContentType(audio.format);
  const { etag } = await put({ name, contentType, metadata: toObjectMetadata(audio) });
  return { ...location, etag, sent: true };
}
