import { decodeMetadata } from './metadata.ts';
import type { ObjectInfo } from './object-store.ts';
import { withoutQuotes } from './etags.ts';

/** What Azure says of a blob, in an answer or in a listing. */
export function azureObjectInfo(
  name: string,
  properties: {
    contentLength?: number;
    etag?: string;
    lastModified?: Date;
    contentType?: string;
    contentMD5?: Uint8Array;
    metadata?: Record<string, string>;
  },
): ObjectInfo {
  const { contentMD5, contentType } = properties;
  return {
    name,
    sizeBytes: properties.contentLength ?? 0,
    etag: withoutQuotes(properties.etag ?? ''),
    lastModified: properties.lastModified ?? new Date(0),
    ...(contentType === undefined ? {} : { contentType }),
    metadata: decodeMetadata(properties.metadata ?? {}),
    ...(contentMD5?.byteLength !== 16 ? {} : { md5: Buffer.from(contentMD5).toString('hex') }),
  };
}
