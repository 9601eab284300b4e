import { compareNames } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';

/** How bucket and container compare for one name. */
export type PlanItem =
  | { readonly kind: 'missing'; readonly source: ObjectInfo }
  | { readonly kind: 'different'; readonly source: ObjectInfo; readonly target: ObjectInfo }
  | { readonly kind: 'equal'; readonly source: ObjectInfo; readonly target: ObjectInfo }
  /** In the container only. */
  | { readonly kind: 'extra'; readonly target: ObjectInfo };

type Pages = AsyncIterable<readonly ObjectInfo[]>;

/**
 * Joins the listings of bucket and container, page by page. While both are in the order of code points, memory holds
 * about a page of each. If a store lists in another order, unmatched names are kept until the other listing ends. A failed
 * listing ends the plan with its error.
 *
 * `missing` may be wrong in one case: when a listing loses its order later on. The copy is conditional and notices it.
 * `extra` is never wrong, as something may be deleted because of it: it is yielded only after both listings have ended, and
 * never for a name that was yielded as missing.
 */
export async function* planMirror(source: Pages, target: Pages): AsyncGenerator<PlanItem, void, undefined> {
  const left = new Listing(source);
  const right = new Listing(target);
  try {
    while (!left.ended || !right.ended) {
      const behind = nextToRead(left, right);
      const other = behind === left ? right : left;
      for (const info of await behind.readPage()) {
        const partner = other.take(info.name);
        if (other.hasPassed(info.name)) continue;
        if (partner === undefined) behind.keep(info);
        else yield behind === left ? compare(info, partner) : compare(partner, info);
      }
      for (const info of left.takePassed(right)) yield { kind: 'missing', source: info };
    }
    for (const info of right.takeAll()) yield { kind: 'extra', target: info };
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

/** Whether the blob is a copy of this version of the object; by size and ETag or MD5, never by time. */
export function isMirrored(source: ObjectInfo, target: ObjectInfo): boolean {
  if (source.sizeBytes !== target.sizeBytes) return false;
  const { srcetag, srcsize } = target.metadata ?? {};
  // The service has checked the MD5 of the blob; if the ETag of the object is an MD5 too, this is the best proof.
  if (target.md5 !== undefined && target.md5 === source.etag) return true;
  return srcetag === source.etag && srcsize === String(source.sizeBytes);
}

function compare(source: ObjectInfo, target: ObjectInfo): PlanItem {
  return { kind: isMirrored(source, target) ? 'equal' : 'different', source, target };
}

/** The listing that is behind in the order of names, so that equal names meet soon. */
function nextToRead(left: Listing, right: Listing): Listing {
  if (left.ended) return right;
  if (right.ended) return left;
  return compareNames(left.lastName, right.lastName) <= 0 ? left : right;
}

/** One listing: how far it has been read, and its objects that have no partner in the other yet. */
class Listing {
  ended = false;
  lastName = '';
  #isOrdered = true;
  readonly #pages: AsyncIterator<readonly ObjectInfo[]>;
  readonly #unmatched = new Map<string, ObjectInfo>();
  /** Names that were yielded as missing before the other listing had ended. */
  readonly #passed = new Set<string>();

  constructor(pages: Pages) {
    this.#pages = pages[Symbol.asyncIterator]();
  }

  async readPage(): Promise<readonly ObjectInfo[]> {
    const page = await this.#pages.next();
    if (page.done === true) {
      this.ended = true;
      return [];
    }
    for (const { name } of page.value) {
      if (compareNames(name, this.lastName) <= 0) this.#isOrdered = false;
      this.lastName = name;
    }
    return page.value;
  }

  keep(info: ObjectInfo): void {
    this.#unmatched.set(info.name, info);
  }

  take(name: string): ObjectInfo | undefined {
    const info = this.#unmatched.get(name);
    this.#unmatched.delete(name);
    return info;
  }

  /** Takes the objects whose place in the other listing has been read, so that the other does not have them. */
  *takePassed(other: Listing): Generator<ObjectInfo, void, undefined> {
    if (other.ended) {
      yield* this.takeAll();
      return;
    }
    if (!this.#isOrdered || !other.#isOrdered) return;
    // A Map keeps the order of insertion, here that of the listing.
    for (const info of this.#unmatched.values()) {
      if (compareNames(info.name, other.lastName) >= 0) return;
      this.#unmatched.delete(info.name);
      this.#passed.add(info.name);
      yield info;
    }
  }

  hasPassed(name: string): boolean {
    return this.#passed.has(name);
  }

  *takeAll(): Generator<ObjectInfo, void, undefined> {
    for (const info of this.#unmatched.values()) {
      this.#unmatched.delete(info.name);
      yield info;
    }
  }

  async close(): Promise<void> {
    await this.#pages.return?.();
  }
}
