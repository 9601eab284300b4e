import { createHash } from 'node:crypto';
import { createGunzip } from 'node:zlib';
import { ArchiveError, namespaceText, type ArchivePart, type ArchivePrelude } from './archive-format.ts';
import { readArchive } from './archive-reader.ts';
import { through, type RecordedCollection } from './dump-database.ts';

/** What was found in a stored archive that is whole. */
export interface CheckedArchive {
  /** Of the gzipped bytes. */
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly prelude: ArchivePrelude;
  readonly collections: readonly RecordedCollection[];
}

/** What a stored archive is held against. */
export interface ExpectedArchive {
  readonly sizeBytes?: number | undefined;
  /** Hexadecimal. */
  readonly sha256?: string | undefined;
  readonly collections?: readonly RecordedCollection[] | undefined;
}

/**
 * Reads a gzipped archive from its first byte to its last and checks it: lengths, ends, the checksum of each collection.
 * @param onPart gets each piece; the next is read when its promise is settled.
 * @throws ArchiveError when it is damaged, besides whatever the source throws.
 */
export async function checkArchive(
  source: AsyncIterable<Uint8Array>,
  onPart?: (part: ArchivePart) => Promise<void>,
): Promise<CheckedArchive> {
  const sha256 = createHash('sha256');
  let sizeBytes = 0;
  async function* measured() {
    for await (const chunk of source) {
      sha256.update(chunk);
      sizeBytes += chunk.byteLength;
      yield chunk;
    }
  }
  let prelude: ArchivePrelude | undefined;
  const collections: RecordedCollection[] = [];
  try {
    for await (const part of readArchive(through(measured(), createGunzip({ chunkSize: 256 * 1024 })))) {
      if (part.kind === 'prelude') prelude = part.prelude;
      if (part.kind === 'end') {
        const { count, bytes, crc } = part.totals;
        collections.push({ namespace: namespaceText(part.namespace), count, bytes, crc: String(crc) });
      }
      await onPart?.(part);
    }
  } catch (error) {
    const reason = zlibReason(error);
    if (reason !== undefined) {
      throw new ArchiveError(`The gzip around the archive is damaged or cut (${reason}).`, { cause: error });
    }
    throw error;
  }
  if (prelude === undefined) throw new ArchiveError('The archive is empty.');
  return { sizeBytes, sha256: sha256.digest('hex'), prelude, collections };
}

/** What differs between an archive and what it should be; empty when nothing does. */
export function differencesOf(found: CheckedArchive, expected: ExpectedArchive): string[] {
  const problems: string[] = [];
  if (expected.sizeBytes !== undefined && expected.sizeBytes !== found.sizeBytes) {
    problems.push(`It has ${String(found.sizeBytes)} bytes, not ${String(expected.sizeBytes)}.`);
  }
  if (expected.sha256 !== undefined && expected.sha256 !== found.sha256) {
    problems.push(`Its SHA-256 is ${found.sha256}, not ${expected.sha256}.`);
  }
  const byName = new Map(found.collections.map((collection) => [collection.namespace, collection]));
  for (const { namespace, count, crc } of expected.collections ?? []) {
    const own = byName.get(namespace);
    if (own === undefined) problems.push(`${namespace} is not in it.`);
    else if (own.count !== count || own.crc !== crc) {
      problems.push(
        `${namespace} has ${String(own.count)} documents (CRC ${own.crc}), not ${String(count)} (${crc}).`,
      );
    }
  }
  if (expected.collections !== undefined && expected.collections.length !== found.collections.length) {
    problems.push(
      `It has ${String(found.collections.length)} collections, not ${String(expected.collections.length)}.`,
    );
  }
  return problems;
}

function zlibReason(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && code.startsWith('Z_') ? code : undefined;
}
