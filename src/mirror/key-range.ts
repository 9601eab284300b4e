import type { ObjectInfo } from '../storage/object-store.ts';
import type { Pages } from './listing-cursor.ts';
import { isGroupPlace, mergePlace } from './merge-order.ts';

/** A part of all names: those after `after` up to and with `upTo`, in the order of `mergePlace`. Left out: no border. */
export interface KeyRange {
  readonly after?: string;
  readonly upTo?: string;
}

/** Whether a name can be a border: both stores list the same names before it. */
export function isBorder(name: string): boolean {
  return !isGroupPlace(mergePlace(name));
}

/** What all names of a range have in common at their beginning; the listings of both stores can begin there. */
export function prefixOfRange({ after, upTo }: KeyRange, prefix: string): string {
  if (after === undefined || upTo === undefined) return prefix;
  let length = 0;
  while (length < after.length && after[length] === upTo[length]) length += 1;
  const common = after.slice(0, length);
  return common.length > prefix.length && common.startsWith(prefix) ? common : prefix;
}

/**
 * The names of a listing that are in the range. It is read until a page ends behind the range; a store whose order is
 * another one can show fewer names then, so nothing may be deleted because of it.
 */
export async function* pagesInRange(
  pages: Pages,
  { after, upTo }: KeyRange,
): AsyncGenerator<readonly ObjectInfo[], void> {
  // Whatever a name has from U+D800 on comes after all that a border can have.
  const isBehind = (name: string) => upTo !== undefined && name > upTo;
  const isBefore = (name: string) => after !== undefined && name <= after;
  for await (const page of pages) {
    yield page.filter(({ name }) => !isBefore(name) && !isBehind(name));
    const last = page.at(-1);
    if (last !== undefined && isBehind(last.name)) return;
  }
}
