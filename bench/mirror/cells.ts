/** Objects of one size. */
export const SIZES = {
  small: { objects: 3000, bytes: 10_000 },
  medium: { objects: 200, bytes: 5_000_000 },
  large: { objects: 5, bytes: 500_000_000 },
} as const;
export type SizeName = keyof typeof SIZES;

/** `first`: nothing is mirrored yet; `nothing`: everything is; `changed`: 1 % of the objects have another version. */
const ACTIONS = ['first', 'nothing', 'changed'] as const;
const RTTS_MS = [0, 50, 200] as const;
/** 0: `npm run sync` alone; otherwise with `--workers` and so many worker processes. */
const WORKERS = [0, 1, 2, 4] as const;
const LISTINGS = [100_000, 1_000_000] as const;

/** One thing to measure. */
export type Cell =
  | {
      readonly kind: 'copy';
      readonly name: string;
      readonly size: SizeName;
      readonly action: (typeof ACTIONS)[number];
      readonly rttMs: number;
      readonly workers: number;
    }
  /** Nothing to do in a long listing. */
  | { readonly kind: 'listing'; readonly name: string; readonly objects: number };

/** All cells, in their order: `small-first`, `small-first-50ms`, `small-first-50ms-4-workers`, `listing-100000`, … */
export const CELLS: readonly Cell[] = [
  ...(Object.keys(SIZES) as SizeName[]).flatMap((size) =>
    ACTIONS.flatMap((action) =>
      RTTS_MS.flatMap((rttMs) =>
        WORKERS.map((workers): Cell => {
          const distance = rttMs === 0 ? '' : `-${String(rttMs)}ms`;
          const by = workers === 0 ? '' : `-${String(workers)}-workers`;
          return { kind: 'copy', name: `${size}-${action}${distance}${by}`, size, action, rttMs, workers };
        }),
      ),
    ),
  ),
  ...LISTINGS.map((objects): Cell => ({ kind: 'listing', name: `listing-${String(objects)}`, objects })),
];

/**
 * The cells that a list names, separated by commas; `*` stands for any text.
 * @throws Error for a name that is none.
 */
export function chooseCells(list: string): readonly Cell[] {
  const chosen = list.split(',').map((pattern) => {
    const expression = new RegExp(
      `^${pattern
        .trim()
        .replace(/[^a-z0-9*-]/g, '')
        .replaceAll('*', '.*')}$`,
    );
    const found = CELLS.filter(({ name }) => expression.test(name));
    if (found.length === 0) {
      throw new Error(`There is no cell ${pattern}. There are: ${CELLS.map(({ name }) => name).join(', ')}`);
    }
    return found;
  });
  return [...new Set(chosen.flat())];
}
