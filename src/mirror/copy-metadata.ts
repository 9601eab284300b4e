import { portableMetadataKey } from '../storage/metadata.ts';
import type { ObjectInfo } from '../storage/object-store.ts';

/** The metadata of a mirrored blob: first what the next comparison uses, then the metadata of the object. */
export function mirrorMetadata(info: ObjectInfo, md5: string): Record<string, string> {
  // A Map, since other programs choose the keys, `constructor` and `__proto__` too.
  const metadata = new Map([
    ['srcetag', info.etag],
    ['srcsize', String(info.sizeBytes)],
    ['md5', md5],
  ]);
  for (const [key, value] of Object.entries(info.metadata ?? {})) {
    const portable = portableMetadataKey(key);
    if (!metadata.has(portable)) metadata.set(portable, value);
  }
  return Object.fromEntries(metadata);
}

/**
 * The metadata that record the version of the object at a blob that is already equal, so that the next plan needs no copy.
 * @returns undefined when the blob has them.
 */
export function refreshedMetadata(
  seen: ObjectInfo,
  metadata: Readonly<Record<string, string>>,
): Record<string, string> | undefined {
  const known = seen.metadata ?? {};
  if (known['srcetag'] === metadata['srcetag'] && known['srcsize'] === metadata['srcsize']) return undefined;
  // Other metadata of the blob are kept; they come last and are cut first.
  const kept = Object.fromEntries(
    Object.entries(known).map(([key, value]) => [portableMetadataKey(key), value]),
  );
  return { ...metadata, ...kept, ...metadata };
}
