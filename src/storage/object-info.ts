import type { IncomingHttpHeaders } from 'node:http';
import type { BlobGetPropertiesResponse } from '@azure/storage-blob';
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
  const raw = Object.entries(headers).flatMap(([header, value]) =>
    header.startsWith(S3_METADATA_PREFIX) && typeof value === 'string'
      ? [[header.slice(S3_METADATA_PREFIX.length), value] as const]
      : [],
  );
  const metadata = decodeMetadata(Object.fromEntries(raw));
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

/** Reads the properties of a blob that Azure answers or lists. */
export function azureObjectInfo(
  name: string,
  properties: Pick<
    BlobGetPropertiesResponse,
    'contentLength' | 'etag' | 'lastModified' | 'contentType' | 'contentMD5' | 'metadata'
  >,
): ObjectInfo {
  const { contentLength, contentMD5, contentType, etag, lastModified, metadata } = properties;
  return definedFields({
    name,
    sizeBytes: contentLength ?? 0,
    etag: unquoteEtag(etag),
    lastModified: lastModified ?? new Date(0),
    contentType,
    metadata: decodeMetadata(metadata ?? {}),
    md5: contentMD5?.byteLength === 16 ? Buffer.from(contentMD5).toString('hex') : undefined,
  });
}
