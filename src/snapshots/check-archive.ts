import { createGunzip } from 'node:zlib';
import { checksummed } from '../storage/checksums.ts';
import { ArchiveError, type ArchivePart, type ArchivePrelude } from './archive-format.ts';
import { readArchive } from './archive-reader.ts';
import { pipeThrough, recordedCollection, type RecordedCollection } from './dump-database.ts';

/** What a complete archive contains. */
export interface CheckedArchive {
  /** Size and SHA-256 (hexadecimal) of the gzipped bytes. */
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly prelude: ArchivePrelude;
  readonly collections: readonly RecordedCollection[];
}

/**
 * Reads a gzipped archive from its first byte to its last and checks it: lengths, ends, the checksum of each collection.
 * @param onPart is awaited for each part before the next is read.
 * @throws ArchiveError when it is damaged; whatever the source throws.
 */
export async function checkArchive(
  source: AsyncIterable<Uint8Array>,
  onPart?: (part: ArchivePart) => Promise<void>,
): Promise<CheckedArchive> {
  const gzipped = checksummed(source);
  let prelude: ArchivePrelude | undefined;
  const collections: RecordedCollection[] = [];
  try {
    for await (const part of readArchive(
      pipeThrough(gzipped.chunks, createGunzip({ chunkSize: 256 * 1024 })),
    )) {
      if (part.kind === 'prelude') prelude = part.prelude;
      if (part.kind === 'end') collections.push(recordedCollection(part.namespace, part.totals));
      await onPart?.(part);
    }
  } catch (error) {
    const code = (error as { code?: unknown } | undefined)?.code;
    if (typeof code !== 'string' || !code.startsWith('Z_')) throw error;
    throw new ArchiveError(`The gzip data are damaged or incomplete (${code}).`, { cause: error });
  }
  if (prelude === undefined) throw new ArchiveError('The archive is empty.');
  return { ...gzipped.sums(), prelude, collections };
}

/** Compares an archive with what it should be. Undefined fields are not compared. @returns one sentence a difference. */
export function differencesOf(
  found: CheckedArchive,
  expected: { readonly [Key in 'sizeBytes' | 'sha256' | 'collections']?: CheckedArchive[Key] | undefined },
): string[] {
  const problems: string[] = [];
  if (expected.sizeBytes !== undefined && expected.sizeBytes !== found.sizeBytes) {
    problems.push(`The archive has ${String(found.sizeBytes)} bytes, not ${String(expected.sizeBytes)}.`);
  }
  if (expected.sha256 !== undefined && expected.sha256 !== found.sha256) {
    problems.push(`The SHA-256 is ${found.sha256}, not ${expected.sha256}.`);
  }
  const byName = new Map(found.collections.map((collection) => [collection.namespace, collection]));
  for (const { namespace, count, crc } of expected.collections ?? []) {
    const actual = byName.get(namespace);
    if (actual === undefined) problems.push(`${namespace} is missing.`);
    else if (actual.count !== count || actual.crc !== crc) {
      problems.push(
        `${namespace} has ${String(actual.count)} documents (CRC ${actual.crc}), not ${String(count)} (CRC ${crc}).`,
      );
    }
  }
  if (expected.collections !== undefined && expected.collections.length !== found.collections.length) {
    problems.push(
      `The archive has ${String(found.collections.length)} collections, not ${String(expected.collections.length)}.`,
    );
  }
  return problems;
}
