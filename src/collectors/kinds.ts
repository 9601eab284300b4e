import type { CollectorKind } from './collector.ts';
import { gdelt } from './kinds/gdelt.ts';
import { kaggle } from './kinds/kaggle.ts';
import { openweathermap } from './kinds/openweathermap.ts';
import { rss } from './kinds/rss.ts';
import { web } from './kinds/web.ts';

/** All kinds of sources. To add one, add a file in `kinds/` and a line here. */
export const KINDS: readonly CollectorKind[] = [rss, openweathermap, gdelt, kaggle, web];

export function kindOf(name: string, kinds: readonly CollectorKind[] = KINDS): CollectorKind | undefined {
  return kinds.find(({ kind }) => kind === name);
}
