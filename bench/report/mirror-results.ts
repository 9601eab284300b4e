import { z } from 'zod';
import type { BenchReport, Group, Ratio } from '../support/bench-report.ts';
import { CELLS, SIZES } from '../mirror/cells.ts';
import { toRow } from '../support/figures.ts';
import type { Place } from './other-forms.ts';

const run = z.object({
  program: z.enum(['sync', 'rclone']),
  seconds: z.number(),
  cpuSeconds: z.number(),
  peakMegabytes: z.number(),
  traffic: z.object({ requests: z.number(), upBytes: z.number(), downBytes: z.number() }).optional(),
});

/** What `npm run bench -- mirror --json` prints: a line for each cell. */
export const mirrorSchema = z
  .array(z.object({ cell: z.string(), objects: z.number(), runs: z.array(run).min(1) }))
  .min(1);

type Cells = z.output<typeof mirrorSchema>;

const AIMS = { wall: 1, cpu: 1.3, megabytes: 200 };
const COLUMNS: Group['columns'] = [
  { key: 'seconds', label: 'seconds', digits: 2 },
  { key: 'cpuMs', label: 'CPU ms/object', digits: 2 },
  { key: 'megabytes', label: 'MB', digits: 0 },
  { key: 'requests', label: 'requests/object', digits: 2 },
  { key: 'bytes', label: 'bytes/object', digits: 0 },
];

/** The mirror and rclone, each with a row for each cell. */
export function fromMirror(cells: Cells, place: Place): BenchReport {
  const group: Group = {
    title: 'CELLS',
    columns: COLUMNS,
    rows: cells.flatMap(({ cell, objects, runs }) =>
      [...Map.groupBy(runs, ({ program }) => program)].map(([program, own]) =>
        toRow(
          `${cell}, ${program}`,
          own.map(({ seconds, cpuSeconds, peakMegabytes, traffic }) => ({
            seconds,
            cpuMs: (cpuSeconds / objects) * 1_000,
            megabytes: peakMegabytes,
            ...(traffic && {
              requests: traffic.requests / objects,
              bytes: (traffic.upBytes + traffic.downBytes) / objects,
            }),
          })),
        ),
      ),
    ),
  };
  const wall = cells.flatMap(({ cell }) => ratioOf(group, cell, 'seconds', AIMS.wall));
  return {
    bench: 'mirror',
    method:
      '`npm run sync` and rclone between the same two servers, in turn: `first` copies all objects, `nothing` finds all of them there, `changed` finds 1 % that have changed; `small` objects have 10 kB, `medium` ones 5 MB, `large` ones 500 MB; 50ms and 200ms are round trips that a proxy adds. CPU is that of the program, MB the most that it held.',
    ...place,
    versions: {},
    options: { cells: cells.map(({ cell }) => cell).join(','), rounds: roundsOf(cells) },
    groups: [group],
    ratios: [
      ...wall,
      ...cells.flatMap(({ cell }) => ratioOf(group, cell, 'cpuMs', AIMS.cpu)),
      ...cells.map(({ cell }): Ratio => {
        const value = figure(group, `${cell}, sync`, 'megabytes') ?? 0;
        return { name: `MB, sync, ${cell}`, value, aim: { atMost: AIMS.megabytes } };
      }),
    ],
    charts:
      wall.length === 0
        ? []
        : [
            {
              name: 'mirror',
              title: 'Time of sync in relation to rclone',
              unit: 'ratio',
              digits: 2,
              bars: wall.map(({ name, value }) => ({
                label: name.slice(name.lastIndexOf(' ') + 1),
                ...{ median: value, min: value, max: value },
              })),
              mark: { value: AIMS.wall, label: `aim: ${String(AIMS.wall)}` },
            },
          ],
    notes: cells.every(isWhole)
      ? []
      : ['This was a trial: the cells were made smaller (--scale), and the times say little.'],
  };
}

/** Whether a cell has as many objects as it has by default. */
function isWhole({ cell: wanted, objects }: Cells[number]): boolean {
  const cell = CELLS.find(({ name }) => name === wanted);
  if (cell === undefined) return false;
  return objects === (cell.kind === 'listing' ? cell.objects : SIZES[cell.size].objects);
}

function ratioOf(group: Group, cell: string, key: 'seconds' | 'cpuMs', most: number): Ratio[] {
  const [own, other] = ['sync', 'rclone'].map((program) => figure(group, `${cell}, ${program}`, key));
  if (own === undefined || other === undefined || other === 0) return [];
  const what = key === 'seconds' ? 'seconds' : 'CPU';
  return [{ name: `${what}, sync / rclone, ${cell}`, value: own / other, aim: { atMost: most } }];
}

function figure(group: Group, row: string, key: string): number | undefined {
  return group.rows.find(({ name }) => name === row)?.figures[key]?.median;
}

/** Of the cell with the fewest. */
function roundsOf(cells: Cells): number {
  return Math.min(
    ...cells.map(({ runs }) => runs.filter(({ program }) => program === runs[0]?.program).length),
  );
}
