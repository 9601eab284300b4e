import type { IncomingHttpHeaders } from 'node:http';
import { definedFields } from '../domain/defined-fields.ts';
import { decodeMetadata, encodeMetadata, type PlainMetadata } from './metadata.ts';
import type { ObjectInfo } from './object-store.ts';

const S3_METADATA_PREFIX = 'x-amz-meta-';

/** An ETag without its quotes, as it is compared and kept. */
export function unquoteEtag(etag: string | undefined): string {
  return (etag ?? '').replace(/^W\//, '').replace(/^"|"$/g, '');
}

/** The headers that describe a new object to an S3 server. */
export function s3ObjectHeaders(contentType: string, metadata: PlainMetadata): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': contentType };
  for (const [key, value] of Object.entries(encodeMetadata(metadata))) {
    headers[`${S3_METADATA_PREFIX}${key}`] = value;
  }
  return headers;
}

/** Reads the headers that an S3 server answers to HEAD and GET. */
export function s3ObjectInfo(name: string, headers: IncomingHttpHeaders): ObjectInfo {
  const metadata = metadataHeaders(headers, S3_METADATA_PREFIX);
  const md5 = metadata['md5'];
  return definedFields({
    name,
    sizeBytes: Number(headers['content-length']),
    etag: unquoteEtag(headers.etag),
    lastModified: new Date(headers['last-modified'] ?? 0),
    contentType: headers['content-type'],
    metadata,
    md5: md5 !== undefined && /^[0-9a-f]{32}$/.test(md5) ? md5 : undefined,
  });
}

const AZURE_METADATA_PREFIX = 'x-ms-meta-';

/** Reads the headers that Azure answers to HEAD and GET of a blob. */
export function azureObjectInfo(name: string, headers: IncomingHttpHeaders): ObjectInfo {
  return definedFields({
    name,
    sizeBytes: Number(headers['content-length']),
    etag: unquoteEtag(headers.etag),
    lastModified: new Date(headers['last-modified'] ?? 0),
    contentType: headers['content-type'],
    metadata: metadataHeaders(headers, AZURE_METADATA_PREFIX),
    md5: md5OfBase64(headers['content-md5']),
  });
}

/** The MD5 in a header or element `Content-MD5`, as hexadecimal; undefined when it is not one. */
export function md5OfBase64(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '') return undefined;
  const md5 = Buffer.from(text, 'base64');
  return md5.byteLength === 16 ? md5.toString('hex') : undefined;
}

function metadataHeaders(headers: IncomingHttpHeaders, prefix: string): Readonly<Record<string, string>> {
  const raw = Object.entries(headers).flatMap(([header, value]) =>
    header.startsWith(prefix) && typeof value === 'string'
      ? [[header.slice(prefix.length), value] as const]
      : [],
  );
  return decodeMetadata(Object.fromEntries(raw));
}
