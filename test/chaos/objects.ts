import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { ObjectStore } from '../../src/storage/object-store.ts';

/** An object that was read completely. */
export interface ReadBack {
  readonly sizeBytes: number;
  readonly md5: string;
  readonly sha256: string;
  /** SHA-256 of what is between the tags: the sound without its title. */
  readonly soundSha256: string;
}

const CONCURRENCY = 16;
const DEADLINE_MS = 600_000;

/** Reads the audio of a store. @returns them by name, with the error of each that cannot be read. */
export async function readBackAll(store: ObjectStore): Promise<ReadonlyMap<string, ReadBack | Error>> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const found = new Map<string, ReadBack | Error>();
  for await (const page of store.list('audio/', signal)) {
    const names = page.map(({ name }) => name).values();
    await Promise.all(
      Array.from({ length: CONCURRENCY }, async () => {
        for (const name of names) found.set(name, await readBack(store, name, signal));
      }),
    );
  }
  return found;
}

/** The names of the objects with a prefix. */
export async function namesOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const pages = await Array.fromAsync(store.list(prefix, AbortSignal.timeout(DEADLINE_MS)));
  return pages.flat().map(({ name }) => name);
}

async function readBack(store: ObjectStore, name: string, signal: AbortSignal): Promise<ReadBack | Error> {
  try {
    const { stream } = await store.openRead(name, { signal });
    const bytes = await buffer(stream);
    const sha256 = (part: Uint8Array) => createHash('sha256').update(part).digest('hex');
    return {
      sizeBytes: bytes.byteLength,
      md5: createHash('md5').update(bytes).digest('hex'),
      sha256: sha256(bytes),
      soundSha256: sha256(soundOf(bytes)),
    };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** Length of an ID3v1 tag at the end of a file (id3.org, ID3v1). */
const END_TAG_BYTES = 128;

function soundOf(bytes: Buffer): Buffer {
  const hasEndTag = bytes.subarray(-END_TAG_BYTES).subarray(0, 3).toString('latin1') === 'TAG';
  return bytes.subarray(startTagLength(bytes), hasEndTag ? -END_TAG_BYTES : undefined);
}

/** Length of an ID3v2 tag with its header (id3.org, ID3v2.3.0 §3.1); 0 without one. */
function startTagLength(bytes: Buffer): number {
  if (bytes.subarray(0, 3).toString('latin1') !== 'ID3') return 0;
  return 10 + bytes.subarray(6, 10).reduce((size, byte) => size * 128 + (byte & 0x7f), 0);
}
