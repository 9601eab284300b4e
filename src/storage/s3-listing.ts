import { z } from 'zod';
import { withoutQuotes } from './etags.ts';

/** One entry of a bucket listing. */
interface ListedObject {
  readonly name: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly lastModified: Date;
}

/** One page of a bucket listing. */
export interface ListedPage {
  readonly objects: readonly ListedObject[];
  /** Present while there are more pages. */
  readonly nextToken?: string;
}

const entrySchema = z.object({
  name: z.string().min(1),
  sizeBytes: z.coerce.number().int().min(0),
  etag: z.string(),
  lastModified: z.coerce.date(),
});

/**
 * Reads a page of ListObjectsV2 that was asked for with `encoding-type=url`. The answer is flat and its keys are
 * percent-encoded, so that no text in it can contain markup.
 *
 * minio-js has a method for this, but it takes names for numbers (`007` becomes `7`, `false` an empty name) and half
 * an answer for a whole one: a mirror by such a listing would overlook objects.
 * @throws Error when it is not such an answer: a proxy's page must not pass for an empty bucket.
 */
export function parseListing(xml: string): ListedPage {
  if (!xml.includes('</ListBucketResult>')) throw new Error('The answer is not a whole bucket listing.');
  const objects = Array.from(xml.matchAll(/<Contents>(.*?)<\/Contents>/gs), ([, entry = '']) =>
    entrySchema.parse({
      // In this encoding a plus sign stands for a space.
      name: decodeURIComponent((element(entry, 'Key') ?? '').replaceAll('+', '%20')),
      sizeBytes: element(entry, 'Size'),
      etag: withoutQuotes(element(entry, 'ETag') ?? ''),
      lastModified: element(entry, 'LastModified'),
    }),
  );
  if (element(xml, 'IsTruncated') !== 'true') return { objects };
  const nextToken = element(xml, 'NextContinuationToken');
  if (nextToken === undefined || nextToken === '')
    throw new Error('The listing goes on but does not say where.');
  return { objects, nextToken };
}

function element(xml: string, tag: string): string | undefined {
  const text = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(xml)?.[1];
  return text?.replace(
    /&(quot|apos|lt|gt|amp|#34|#39|#x22|#x27);/g,
    (_whole, name: string) => ENTITIES[name] ?? '',
  );
}

const ENTITIES: Readonly<Record<string, string>> = {
  quot: '"',
  '#34': '"',
  '#x22': '"',
  apos: "'",
  '#39': "'",
  '#x27': "'",
  lt: '<',
  gt: '>',
  amp: '&',
};
