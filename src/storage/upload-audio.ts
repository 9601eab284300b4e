import { audioContentType } from './audio-content-type.ts';
import { toObjectMetadata, type AudioMetadata } from './audio-metadata.ts';
import { checksumFile, type Checksums } from './checksums.ts';
import type { MinioStore } from './minio-store.ts';
import { audioObjectName } from './object-names.ts';
import type { TransferOptions } from './object-store.ts';

/** A finished audio file and the metadata to store with it. */
export interface AudioUpload extends AudioMetadata {
  /** Absolute path. */
  readonly file: string;
  /** Extension without the dot. */
  readonly format: string;
  /** Name of the audio profile, such as `mp3-320`. */
  readonly profile: string;
}

export interface StoredAudio extends Checksums {
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
  /** False when the bucket already had an equal object and nothing was sent. */
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
  const name = audioObjectName(audio.key, audio.format);
  const location = { bucket: store.container, key: name, ...sums };
  const known = await store.stat(name, options.signal);
  const isStored =
    known?.sizeBytes === sums.sizeBytes &&
    known.md5 === sums.md5 &&
    known.metadata?.['sha256'] === sums.sha256;
  if (isStored) return { ...location, etag: known.etag, sent: false };
  const contentType = audioContentType(audio.format);
  const put = { name, file: audio.file, ...sums, contentType, metadata: toObjectMetadata(audio) };
  const { etag } = await store.putFile(put, options);
  return { ...location, etag, sent: true };
}
