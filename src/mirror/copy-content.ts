import { Readable } from 'node:stream';
import type { OpenSource } from '../storage/azure-put-blob.ts';
import type { MinioStore } from '../storage/minio-store.ts';
import type { OpenContent } from '../storage/object-store.ts';

/** Gives the content for each attempt: what is in memory, or the stream that is open already, then new ones of the version. */
export function reopenable(source: MinioStore, first: OpenContent): OpenSource {
  const { content, info } = first;
  let isFirst = true;
  return async (signal) => {
    if (!(content instanceof Readable)) return content;
    if (isFirst && !content.destroyed) {
      isFirst = false;
      return content;
    }
    return (await source.openRead(info.name, { signal, ifMatch: info.etag })).stream;
  };
}

/** Ends a read that is not wanted any more. */
export function abandon({ content }: OpenContent): void {
  if (content instanceof Readable) content.destroy();
}
