import { definedFields } from '../domain/defined-fields.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { pagesInRange, prefixOfRange, type KeyRange } from './key-range.ts';
import type { Pages } from './listing-cursor.ts';
import { filteredPages, type NameFilter } from './name-filter.ts';

/** Which objects a run of the mirror is about. */
export interface Selection {
  /** Only names with this prefix; empty for all. */
  readonly prefix: string;
  readonly filter?: NameFilter;
  /** Only names in this range; left out: all. */
  readonly range?: KeyRange & {
    /** About how many names it has: no more are requested. */
    readonly keys?: number;
  };
}

/** Fewer names are not worth a request. */
const MIN_PAGE = 100;

/** Lists what is selected of a store. */
export function listSelected(
  store: Pick<ObjectStore, 'list'>,
  { prefix, filter = {}, range }: Selection,
  signal: AbortSignal,
): Pages {
  if (range === undefined) return filteredPages(store.list(prefix, signal), filter);
  const { after, keys } = range;
  // One more, to see that the range has ended.
  const pageSize = keys === undefined ? undefined : Math.max(MIN_PAGE, keys + 1);
  const options = definedFields({ after, pageSize });
  const pages = store.list(prefixOfRange(range, prefix), signal, options);
  return filteredPages(pagesInRange(pages, range), filter);
}

/** Whether it leaves nothing out. */
export function isEverything({ prefix, filter = {}, range }: Selection): boolean {
  const { include = [], exclude = [] } = filter;
  return prefix === '' && include.length === 0 && exclude.length === 0 && range === undefined;
}
