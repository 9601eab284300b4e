import { definedFields } from '../domain/defined-fields.ts';
import { decodeMetadata } from './metadata.ts';
import { md5OfBase64, unquoteEtag } from './object-info.ts';
import type { ObjectInfo } from './object-store.ts';
import { decodeEntities, elements, elementText } from './xml-elements.ts';

const METADATA_ENTRY = /<([^\s<>/]{1,300})>([^<]*)<\/\1>/g;

/**
 * Parses a page of List Blobs requested with `include=metadata`
 * (learn.microsoft.com/rest/api/storageservices/list-blobs).
 * @returns `nextMarker` is undefined on the last page.
 * @throws Error when it is not a complete listing.
 */
export function parseBlobListing(xml: string): { blobs: ObjectInfo[]; nextMarker: string | undefined } {
  if (!xml.includes('</EnumerationResults>')) throw new Error('The response is not a complete blob listing.');
  const blobs = Array.from(elements(xml, 'Blob'), parseBlob);
  return { blobs, nextMarker: unlessEmpty(elementText(xml, 'NextMarker')) };
}

function parseBlob(entry: string): ObjectInfo {
  const name = nameOf(entry);
  const size = elementText(entry, 'Content-Length') ?? '';
  const lastModified = new Date(elementText(entry, 'Last-Modified') ?? '');
  const etag = unquoteEtag(elementText(entry, 'Etag'));
  if (!name || !/^\d{1,15}$/.test(size) || etag === '' || Number.isNaN(lastModified.getTime())) {
    throw new Error('The listing has an entry without name, size, ETag or date.');
  }
  return definedFields({
    name,
    sizeBytes: Number(size),
    etag,
    lastModified,
    contentType: unlessEmpty(elementText(entry, 'Content-Type')),
    metadata: decodeMetadata(metadataOf(entry)),
    md5: md5OfBase64(elementText(entry, 'Content-MD5')),
    accessTier: unlessEmpty(elementText(entry, 'AccessTier')),
  });
}

/** A name with characters that XML cannot hold is percent-encoded and says so. */
function nameOf(entry: string): string | undefined {
  const plain = elementText(entry, 'Name');
  if (plain !== undefined) return plain;
  const encoded = /<Name Encoded="true">([^<]*)<\/Name>/.exec(entry)?.[1];
  return encoded && decodeURIComponent(decodeEntities(encoded));
}

function metadataOf(entry: string): Record<string, string> {
  const start = entry.indexOf('<Metadata>');
  const end = entry.lastIndexOf('</Metadata>');
  if (start === -1 || end < start) return {};
  const pairs = entry.slice(start + '<Metadata>'.length, end).matchAll(METADATA_ENTRY);
  return Object.fromEntries(Array.from(pairs, ([, key = '', value = '']) => [key, decodeEntities(value)]));
}

function unlessEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
