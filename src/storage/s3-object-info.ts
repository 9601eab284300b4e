import type { IncomingHttpHeaders } from 'node:http';
import { decodeMetadata } from './metadata.ts';
import type { ObjectInfo } from './object-store.ts';
import { withoutQuotes } from './etags.ts';

/** What an S3 server says of an object in the headers of HEAD and GET. */
export function s3ObjectInfo(name: string, headers: IncomingHttpHeaders): ObjectInfo {
  const raw: Record<string, string> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (header.startsWith('x-amz-meta-') && typeof value === 'string') {
      raw[header.slice('x-amz-meta-'.length)] = value;
    }
  }
  const metadata = decodeMetadata(raw);
  const md5 = metadata['md5'];
  return {
    name,
    sizeBytes: Number(headers['content-length']),
    etag: withoutQuotes(headers.etag ?? ''),
    lastModified: new Date(headers['last-modified'] ?? 0),
    ...(headers['content-type'] === undefined ? {} : { contentType: headers['content-type'] }),
    metadata,
    ...(md5 !== undefined && /^[0-9a-f]{32}$/.test(md5) ? { md5 } : {}),
  };
}
