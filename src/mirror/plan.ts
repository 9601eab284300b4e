import { compareNames } from '../storage/object-names.ts';
import type { ObjectInfo } from '../storage/object-store.ts';

/** What the mirror has to do about one name. */
export type PlanItem =
  | { readonly kind: 'missing'; readonly source: ObjectInfo }
  | { readonly kind: 'different'; readonly source: ObjectInfo; readonly target: ObjectInfo }
  | { readonly kind: 'equal'; readonly source: ObjectInfo; readonly target: ObjectInfo }
  /** In the mirror only. */
  | { readonly kind: 'extra'; readonly target: ObjectInfo };

type Pages = AsyncIterable<readonly ObjectInfo[]>;

/**
 * Joins the listings of bucket and container, page by page. While both come in the order of their code points,
 * memory stays at about a page of each; where a store lists in another order, names that have no partner yet are
 * kept until the other listing ends. A listing that fails ends the plan with its error.
 *
 * `missing` may be wrong in one case, an order that breaks later on; the copy itself is conditional and finds
 * out. `extra` is never wrong, as something may be deleted for it: it is only said once both listings have come
 * to their ends, and never of a name that was said to be missing.
 */
export async function* planMirror(source: Pages, target: Pages): AsyncGenerator<PlanItem, void, undefined> {
  const left = new Side(source);
  const right = new Side(target);
  try {
    while (!left.ended || !right.ended) {
      const behind = sideToRead(left, right);
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

/** Whether the blob is a copy of this very version of the object; by size and ETag or MD5, never by clocks. */
export function isMirrored(source: ObjectInfo, target: ObjectInfo): boolean {
  if (source.sizeBytes !== target.sizeBytes) return false;
  const { srcetag, srcsize } = target.metadata ?? {};
  // The blob's own MD5 was checked by the service; where the object's ETag is one too, that is the best proof.
  if (target.md5 !== undefined && target.md5 === source.etag) return true;
  return srcetag === source.etag && srcsize === String(source.sizeBytes);
}

function compare(source: ObjectInfo, target: ObjectInfo): PlanItem {
  return { kind: isMirrored(source, target) ? 'equal' : 'different', source, target };
}

/** The listing that is behind goes on, so that partners meet soon. */
function sideToRead(left: Side, right: Side): Side {
  if (left.ended) return right;
  if (right.ended) return left;
  return compareNames(left.lastName, right.lastName) <= 0 ? left : right;
}

/** One listing: how far it has been read, and its names that have no partner yet. */
class Side {
  ended = false;
  lastName = '';
  #isOrdered = true;
  readonly #pages: AsyncIterator<readonly ObjectInfo[]>;
  readonly #unmatched = new Map<string, ObjectInfo>();
  /** Names that were given up before the other listing had ended. */
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

  /** The names that the other listing has passed by, and so does not have. */
  *takePassed(other: Side): Generator<ObjectInfo, void, undefined> {
    if (other.ended) {
      yield* this.takeAll();
      return;
    }
    if (!this.#isOrdered || !other.#isOrdered) return;
    // Kept in the order of the listing.
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
