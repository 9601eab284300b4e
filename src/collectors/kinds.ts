import type { CollectorKind } from './collector.ts';

/** Every kind of source. A new one is a file in `kinds/` and a line here. */
export const KINDS: readonly CollectorKind[] = [];

/** The kind of this name; undefined when there is none. */
export function kindOf(name: string, kinds: readonly CollectorKind[] = KINDS): CollectorKind | undefined {
  return kinds.find(({ kind }) => kind === name);
}
