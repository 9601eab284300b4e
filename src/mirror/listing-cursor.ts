import type { ObjectInfo } from '../storage/object-store.ts';
import { isGroupPlace, mergePlace } from './merge-order.ts';
import { readAhead } from './read-ahead.ts';

export type Pages = AsyncIterable<readonly ObjectInfo[]>;

const PAGES_AHEAD = 2;

/** A store lists names in an order of its own, so that two listings cannot be merged. */
export class ListingOrderError extends Error {
  constructor(name: string, before: string) {
    super(`${JSON.stringify(name)} was listed after ${JSON.stringify(before)}.`);
    this.name = 'ListingOrderError';
  }
}

/** Reads one listing object by object, and verifies that it is in order. */
export class ListingCursor {
  /** Undefined at the end; only valid after `settle`. */
  head: ObjectInfo | undefined;
  /** Of `head`; see `mergePlace`. */
  place = '';
  readonly #pages: AsyncGenerator<readonly ObjectInfo[], void>;
  #page: readonly ObjectInfo[] = [];
  #index = -1;
  #before = '';
  #hasEnded = false;

  constructor(pages: Pages) {
    this.#pages = readAhead(pages, PAGES_AHEAD);
  }

  /** Goes to the next object if its page is there. @returns false when `settle` must be awaited first. */
  advance(): boolean {
    this.#index += 1;
    this.head = this.#page[this.#index];
    if (this.head === undefined) return this.#hasEnded;
    const { name } = this.head;
    const place = mergePlace(name);
    // Within a group the order is the store's own; its names are compared when the group is joined.
    const isAfter = place > this.place || (place === this.place && isGroupPlace(place));
    if (!isAfter && this.#before !== '') throw new ListingOrderError(name, this.#before);
    this.place = place;
    this.#before = name;
    return true;
  }

  /** Reads pages until there is a head or the listing has ended. */
  async settle(): Promise<void> {
    do {
      const page = await this.#pages.next();
      this.#hasEnded = page.done === true;
      this.#page = page.done === true ? [] : page.value;
      this.#index = -1;
    } while (!this.advance());
  }

  async close(): Promise<void> {
    await this.#pages.return();
  }
}
