import { z } from 'zod';
import { unquoteEtag } from './object-info.ts';

const entrySchema = z.object({
  name: z.string().min(1),
  sizeBytes: z.coerce.number().int().min(0),
  etag: z.string(),
  lastModified: z.coerce.date(),
});

/**
 * Parses a page of ListObjectsV2 requested with `encoding-type=url`. The XML is flat and its keys are percent-encoded, so
 * no text in it can contain markup.
 *
 * minio-js has a method for this, but it parses names as numbers (`007` becomes `7`, `false` an empty name) and accepts a
 * response that was cut: a mirror would miss objects.
 * @returns `nextToken` is undefined on the last page.
 * @throws Error when it is not a complete listing: the error page of a proxy must not look like an empty bucket.
 */
export function parseListing(xml: string) {
  if (!xml.includes('</ListBucketResult>')) throw new Error('The response is not a complete bucket listing.');
  const objects = Array.from(xml.matchAll(/<Contents>(.*?)<\/Contents>/gs), ([, entry = '']) =>
    entrySchema.parse({
      // In this encoding a plus sign means a space.
      name: decodeURIComponent((element(entry, 'Key') ?? '').replaceAll('+', '%20')),
      sizeBytes: element(entry, 'Size'),
      etag: unquoteEtag(element(entry, 'ETag')),
      lastModified: element(entry, 'LastModified'),
    }),
  );
  const isTruncated = element(xml, 'IsTruncated') === 'true';
  const nextToken = isTruncated ? element(xml, 'NextContinuationToken') : undefined;
  if (isTruncated && !nextToken) {
    throw new Error('The listing is truncated but has no continuation token.');
  }
  return { objects, nextToken };
}

function element(xml: string, tag: string): string | undefined {
  const text = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
  return text?.replace(
    /&(quot|apos|lt|gt|amp|#34|#39|#x22|#x27);/g,
    (_whole, name: string) => ENTITIES.get(name) ?? '',
  );
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['quot', '"'],
  ['#34', '"'],
  ['#x22', '"'],
  ['apos', "'"],
  ['#39', "'"],
  ['#x27', "'"],
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
]);
