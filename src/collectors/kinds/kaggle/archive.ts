import type { RejectedItem } from '../../collector.ts';

/** A file of a dataset, to be read at once and before the next one is asked for. */
export interface DatasetFile {
  readonly type: 'file';
  /** With the folders it is in. */
  readonly name: string;
  readonly content: AsyncIterable<Buffer>;
}

/** What comes out of an archive. */
export type ArchiveItem = DatasetFile | RejectedItem;

/** A file of an archive that is not read. @param name cut, since it comes from outside */
export function rejectedFile(reason: string, name: string): RejectedItem {
  return { type: 'rejected', reason, detail: name.replace(/\p{Cc}/gu, '?').slice(0, 200) };
}
