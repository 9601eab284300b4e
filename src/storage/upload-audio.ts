import { audioMetadata, type AudioDescription } from './audio-metadata.ts';
import { checksumFile } from './checksums.ts';
import type { MinioStore } from './minio-store.ts';
import { audioObjectName } from './object-names.ts';
import type { ObjectInfo, TransferOptions } from './object-store.ts';

/** A finished audio file and what is to be known of it beside its bytes. */
export interface AudioUpload extends AudioDescription {
  /** Absolute path. */
  readonly file: string;
  /** Extension without the dot. */
  readonly format: string;
  /** Name of the audio profile, such as `mp3-320`. */
  readonly profile: string;
}

/** Where the audio is now, and its checksums in hexadecimal. */
export interface StoredAudio {
  readonly bucket: string;
  readonly key: string;
  readonly sizeBytes: number;
  readonly md5: string;
  readonly sha256: string;
  readonly etag: string;
  /** False when an equal object was there already and nothing was sent. */
  readonly sent: boolean;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  mp4: 'audio/mp4',
  webm: 'audio/webm',
  opus: 'audio/ogg',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  wav: 'audio/wav',
};

/**
 * Brings a finished audio file into the bucket and makes sure that it is there, byte for byte. Safe to repeat.
 * @throws TransientError `staged_file_missing` when the file is gone, `storage_mismatch` when the bucket holds
 *   something else afterwards; any JobError of the store.
 */
export async function uploadAudio(
  store: MinioStore,
  audio: AudioUpload,
  options: TransferOptions,
): Promise<StoredAudio> {
  const { md5, sha256, sizeBytes } = await checksumFile(audio.file, { signal: options.signal });
  const name = audioObjectName(audio.key, audio.format);
  const known = await store.stat(name, options.signal);
  const place = { bucket: store.container, key: name, sizeBytes, md5, sha256 };
  if (known !== undefined && isEqual(known, { md5, sha256, sizeBytes })) {
    return { ...place, etag: known.etag, sent: false };
  }
  const stored = await store.putFile(
    {
      name,
      file: audio.file,
      sizeBytes,
      md5,
      sha256,
      contentType: CONTENT_TYPES[audio.format] ?? 'application/octet-stream',
      metadata: audioMetadata(audio),
    },
    options,
  );
  return { ...place, etag: stored.etag, sent: true };
}

function isEqual(known: ObjectInfo, file: { md5: string; sha256: string; sizeBytes: number }): boolean {
  return (
    known.sizeBytes === file.sizeBytes && known.md5 === file.md5 && known.metadata?.['sha256'] === file.sha256
  );
}
