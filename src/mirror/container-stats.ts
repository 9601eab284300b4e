import type { ObjectInfo } from '../storage/object-store.ts';

/** Counts and sizes of the objects in a container, or below a prefix. */
export interface ContainerStats {
  count: number;
  bytes: number;
  /** By the first two segments of the names (`audio/youtube/`); from the 101st prefix on together as `(others)`. */
  readonly prefixes: Record<string, { count: number; bytes: number }>;
  oldest?: { readonly name: string; readonly at: Date };
  newest?: { readonly name: string; readonly at: Date };
}

const MAX_PREFIXES = 100;
const OTHERS = '(others)';

export function emptyStats(): ContainerStats {
  return { count: 0, bytes: 0, prefixes: Object.create(null) as Record<string, never> };
}

/** Adds one object. Memory does not grow with the number of objects. */
export function addToStats(stats: ContainerStats, info: ObjectInfo): void {
  const { name, sizeBytes, lastModified: at } = info;
  stats.count += 1;
  stats.bytes += sizeBytes;
  if (stats.oldest === undefined || at < stats.oldest.at) stats.oldest = { name, at };
  if (stats.newest === undefined || at > stats.newest.at) stats.newest = { name, at };
  const own = prefixOf(name);
  const isBelowLimit = Object.keys(stats.prefixes).length < MAX_PREFIXES;
  const prefix = own in stats.prefixes || isBelowLimit ? own : OTHERS;
  const sum = (stats.prefixes[prefix] ??= { count: 0, bytes: 0 });
  sum.count += 1;
  sum.bytes += sizeBytes;
}

function prefixOf(name: string): string {
  const directories = name.split('/').slice(0, -1).slice(0, 2);
  return directories.length === 0 ? '/' : `${directories.join('/')}/`;
}
