import { isBucketOnly } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import type { Pages } from './listing-cursor.ts';

/** Which names a run of the mirror is about. In a pattern `*` stands for any text, also with slashes, `?` for one character. */
export interface NameFilter {
  /** Only names that match one of these; left out or empty: all. */
  readonly include?: readonly string[];
  /** Not the names that match one of these. */
  readonly exclude?: readonly string[];
}

/** The pages of a listing with only the names of the filter, and without what is not mirrored: peaks, covers, staged files. */
export async function* filteredPages(
  pages: Pages,
  { include = [], exclude = [] }: NameFilter,
): AsyncGenerator<readonly ObjectInfo[], void> {
  const matches = (patterns: readonly string[], name: string) =>
    patterns.some((pattern) => matchesPattern(pattern, name));
  for await (const page of pages) {
    yield page.filter(
      ({ name }) =>
        !isBucketOnly(name) && (include.length === 0 || matches(include, name)) && !matches(exclude, name),
    );
  }
}

/** Takes at most pattern length × name length steps, whatever the pattern. */
export function matchesPattern(pattern: string, name: string): boolean {
  const wanted = Array.from(pattern);
  const given = Array.from(name);
  let at = 0;
  let star = -1;
  let afterStar = 0;
  for (let index = 0; index < given.length;) {
    if (wanted[at] === '*') {
      star = at;
      afterStar = index;
      at += 1;
    } else if (wanted[at] === '?' || (at < wanted.length && wanted[at] === given[index])) {
      at += 1;
      index += 1;
    } else if (star !== -1) {
      // The last star takes one character more.
      afterStar += 1;
      index = afterStar;
      at = star + 1;
    } else {
      return false;
    }
  }
  return wanted.slice(at).every((character) => character === '*');
}
