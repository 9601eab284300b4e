import { unquoteEtag } from './object-info.ts';
import type { ObjectInfo } from './object-store.ts';
import { elements, elementText } from './xml-elements.ts';

/**
 * Parses a page of ListObjectsV2 requested with `encoding-type=url`. The XML is flat and its keys are percent-encoded, so
 * no text in it can contain markup.
 *
 * minio-js has a method for this, but it parses names as numbers (`007` becomes `7`, `false` an empty name) and accepts a
 * response that was cut: a mirror would miss objects.
 * @returns `nextToken` is undefined on the last page.
 * @throws Error when it is not a complete listing: the error page of a proxy must not look like an empty bucket, and a page
 *   that was damaged on its way must not lack an object.
 */
export function parseListing(xml: string): { objects: ObjectInfo[]; nextToken: string | undefined } {
  if (!xml.includes('</ListBucketResult>')) throw new Error('The response is not a complete bucket listing.');
  const objects = Array.from(elements(xml, 'Contents'), parseEntry);
  const count = elementText(xml, 'KeyCount');
  if (count !== undefined && Number(count) !== objects.length) {
    throw new Error(`The listing announces ${count} objects and has ${String(objects.length)}.`);
  }
  const isTruncated = elementText(xml, 'IsTruncated') === 'true';
  const nextToken = isTruncated ? elementText(xml, 'NextContinuationToken') : undefined;
  if (isTruncated && !nextToken) {
    throw new Error('The listing is truncated but has no continuation token.');
  }
  return { objects, nextToken };
}

function parseEntry(entry: string): ObjectInfo {
  // In this encoding a plus sign means a space.
  const name = decodeURIComponent((elementText(entry, 'Key') ?? '').replaceAll('+', '%20'));
  const size = elementText(entry, 'Size') ?? '';
  const lastModified = new Date(elementText(entry, 'LastModified') ?? '');
  const etag = unquoteEtag(elementText(entry, 'ETag'));
  const isComplete = name !== '' && /^\d{1,15}$/.test(size) && etag !== '';
  if (!isComplete || Number.isNaN(lastModified.getTime())) {
    throw new Error('The listing has an entry without name, size, ETag or date.');
  }
  return { name, sizeBytes: Number(size), etag, lastModified };
}
