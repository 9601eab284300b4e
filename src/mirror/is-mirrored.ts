import type { ObjectInfo } from '../storage/object-store.ts';

const PLAIN_MD5 = /^[0-9a-f]{32}$/;

/**
 * The MD5 of an object, if its listing tells it: an ETag without the number of parts at its end is the MD5 of the content.
 * (Servers that encrypt with keys of their own make an exception; a write that uses it as an MD5 is checked by the service.)
 */
export function md5OfEtag(etag: string): string | undefined {
  return PLAIN_MD5.test(etag) ? etag : undefined;
}

/** Whether the blob is a copy of this version of the object; by size and ETag or MD5, never by time. */
export function isMirrored(source: ObjectInfo, target: ObjectInfo): boolean {
  if (source.sizeBytes !== target.sizeBytes) return false;
  // The service has checked the MD5 of the blob; if the ETag of the object is an MD5 too, this is the best proof.
  if (target.md5 !== undefined && target.md5 === source.etag) return true;
  const { srcetag, srcsize, md5 } = target.metadata ?? {};
  // Someone replaced the content and kept the metadata.
  if (md5 !== undefined && target.md5 !== undefined && md5 !== target.md5) return false;
  return srcetag === source.etag && srcsize === String(source.sizeBytes);
}
