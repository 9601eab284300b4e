import type { ObjectInfo } from '../storage/object-store.ts';
import { isMirrored } from './is-mirrored.ts';
import { ListingCursor, ListingOrderError, type Pages } from './listing-cursor.ts';
import { isGroupPlace } from './merge-order.ts';

/** How bucket and container compare for one name. */
export type PlanItem =
  | { readonly kind: 'missing'; readonly source: ObjectInfo }
  | { readonly kind: 'different'; readonly source: ObjectInfo; readonly target: ObjectInfo }
  | { readonly kind: 'equal'; readonly source: ObjectInfo; readonly target: ObjectInfo }
  /** In the container only. */
  | { readonly kind: 'extra'; readonly target: ObjectInfo };

/** What a plan yields, many items at once. */
export type PlanStep =
  | { readonly kind: 'items'; readonly items: readonly PlanItem[] }
  /** All items so far are void, and the plan begins again: a store does not list in the order of names. */
  | { readonly kind: 'restart' };

const STEP_ITEMS = 1000;

/**
 * Compares the listings of bucket and container. While both are in order they are merged, and memory holds some pages of
 * each, whatever their length. When one is not, the plan begins again and holds the whole listing of the container in memory.
 * @param openSource starts a listing of the bucket.
 * @param openTarget starts a listing of the container.
 * @throws the error of a listing. Nothing may be deleted because of a plan that did not end.
 */
export async function* planMirror(
  openSource: () => Pages,
  openTarget: () => Pages,
): AsyncGenerator<PlanStep, void, undefined> {
  try {
    for await (const items of merged(openSource(), openTarget())) yield { kind: 'items', items };
  } catch (error) {
    if (!(error instanceof ListingOrderError)) throw error;
    yield { kind: 'restart' };
    for await (const items of hashed(openSource(), openTarget())) yield { kind: 'items', items };
  }
}

async function* merged(source: Pages, target: Pages): AsyncGenerator<readonly PlanItem[], void> {
  const left = new ListingCursor(source);
  const right = new ListingCursor(target);
  let items: PlanItem[] = [];
  try {
    await Promise.all([left.settle(), right.settle()]);
    while (left.head !== undefined || right.head !== undefined) {
      const order = compareHeads(left, right);
      const place = order <= 0 ? left.place : right.place;
      if (isGroupPlace(place)) {
        items.push(...joined(await takeGroup(left, place), await takeGroup(right, place)));
      } else {
        items.push(itemOf(order <= 0 ? left.head : undefined, order >= 0 ? right.head : undefined));
        if (order <= 0 && !left.advance()) await left.settle();
        if (order >= 0 && !right.advance()) await right.settle();
      }
      if (items.length < STEP_ITEMS) continue;
      yield items;
      items = [];
    }
    if (items.length > 0) yield items;
  } finally {
    await Promise.all([left.close(), right.close()]);
  }
}

/** Negative when the left head comes first, positive when the right one does; a listing at its end comes last. */
function compareHeads(left: ListingCursor, right: ListingCursor): number {
  if (left.head === undefined) return 1;
  if (right.head === undefined) return -1;
  if (left.place === right.place) return 0;
  return left.place < right.place ? -1 : 1;
}

async function takeGroup(cursor: ListingCursor, place: string): Promise<Map<string, ObjectInfo>> {
  const group = new Map<string, ObjectInfo>();
  while (cursor.head !== undefined && cursor.place === place) {
    group.set(cursor.head.name, cursor.head);
    if (!cursor.advance()) await cursor.settle();
  }
  return group;
}

/** Compares by name; `target` loses the names that `source` has too. */
function* joined(
  source: ReadonlyMap<string, ObjectInfo>,
  target: Map<string, ObjectInfo>,
): Generator<PlanItem> {
  for (const [name, info] of source) {
    yield itemOf(info, target.get(name));
    target.delete(name);
  }
  for (const info of target.values()) yield itemOf(undefined, info);
}

async function* hashed(source: Pages, target: Pages): AsyncGenerator<readonly PlanItem[], void> {
  const known = new Map<string, ObjectInfo>();
  for await (const page of target) for (const info of page) known.set(info.name, info);
  for await (const page of source) {
    yield page.map((info) => {
      const partner = known.get(info.name);
      known.delete(info.name);
      return itemOf(info, partner);
    });
  }
  // Only now is it certain that the bucket does not have them.
  yield Array.from(known.values(), (info) => itemOf(undefined, info));
}

function itemOf(source: ObjectInfo | undefined, target: ObjectInfo | undefined): PlanItem {
  if (source === undefined) {
    if (target === undefined) throw new Error('Neither listing has the object.');
    return { kind: 'extra', target };
  }
  if (target === undefined) return { kind: 'missing', source };
  return { kind: isMirrored(source, target) ? 'equal' : 'different', source, target };
}
