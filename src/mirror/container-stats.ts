import type { ObjectInfo } from '../storage/object-store.ts';

/** Counts and sizes of the objects in a container, or below a prefix. */
export interface ContainerStats {
  count: number;
  bytes: number;
  /** By the first two segments of the names (`audio/youtube/`); from the 101st prefix on together as `(others)`. */
  readonly prefixes: Record<string, { count: number; bytes: number }>;
  /** By access tier; those of an account without tiers are `(none)`. */
  readonly tiers: Record<string, { count: number; bytes: number }>;
  /** Of the blobs whose metadata say how long they are. */
  audioSeconds: number;
  oldest?: { readonly name: string; readonly at: Date };
  newest?: { readonly name: string; readonly at: Date };
}

const MAX_PREFIXES = 100;
const OTHERS = '(others)';
const NO_TIER = '(none)';
/** Longer audio is a mistake in the metadata: a year. */
const MAX_SECONDS = 366 * 86_400;

export function emptyStats(): ContainerStats {
  const none = () => Object.create(null) as Record<string, never>;
  return { count: 0, bytes: 0, audioSeconds: 0, prefixes: none(), tiers: none() };
}

/** Adds one object. Memory does not grow with the number of objects. */
export function addToStats(stats: ContainerStats, info: ObjectInfo): void {
  const { name, sizeBytes, lastModified: at } = info;
  stats.count += 1;
  stats.bytes += sizeBytes;
  if (stats.oldest === undefined || at < stats.oldest.at) stats.oldest = { name, at };
  if (stats.newest === undefined || at > stats.newest.at) stats.newest = { name, at };
  const own = prefixOf(name);
  const isKept = own in stats.prefixes || Object.keys(stats.prefixes).length < MAX_PREFIXES;
  const prefix = isKept ? own : OTHERS;
  for (const sum of [
    (stats.prefixes[prefix] ??= { count: 0, bytes: 0 }),
    (stats.tiers[info.accessTier ?? NO_TIER] ??= { count: 0, bytes: 0 }),
  ]) {
    sum.count += 1;
    sum.bytes += sizeBytes;
  }
  const seconds = Number(info.metadata?.['duration']);
  if (seconds > 0 && seconds < MAX_SECONDS) stats.audioSeconds += seconds;
}

function prefixOf(name: string): string {
  const directories = name.split('/').slice(0, -1).slice(0, 2);
  return directories.length === 0 ? '/' : `${directories.join('/')}/`;
}
