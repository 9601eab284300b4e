import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { definedFields } from '../../src/domain/defined-fields.ts';
import type { ChildFigures } from '../support/measure-child.ts';
import type { Rclone } from '../support/rclone.ts';
import { SIZES, type Cell } from './cells.ts';
import type { Traffic } from './proxy.ts';
import { runSync, runWithWorkers } from './run-sync.ts';
import { bucketOf, changeSome, cleanUp, named, newContainer, routeOf, type Route } from './stand.ts';

/** One run of one program. */
export type Run = Omit<ChildFigures, 'output'> & {
  readonly program: 'sync' | 'rclone';
  readonly traffic?: Traffic;
};

export interface CellOptions {
  readonly rounds: number;
  /** Of the numbers of objects, and of the sizes of large ones. */
  readonly scale: number;
  /** Undefined: not compared. */
  readonly rclone: Rclone | undefined;
}

/** Measures a cell: the programs take turns, and each has its own container. */
export async function runCell(cell: Cell, options: CellOptions): Promise<readonly Run[]> {
  return cell.kind === 'listing' ? await runListing(cell, options) : await runCopies(cell, options);
}

type CopyCell = Extract<Cell, { kind: 'copy' }>;

async function runCopies(cell: CopyCell, { rounds, scale, rclone }: CellOptions): Promise<readonly Run[]> {
  const { objects, bytes } = scaled(cell, scale);
  const bucket = await bucketOf(cell.size, objects, bytes);
  const route = await routeOf(cell.rttMs === 0 ? 'direct' : cell.rttMs);
  const programs = rclone === undefined ? (['sync'] as const) : (['sync', 'rclone'] as const);
  const full = new Map<string, string>();
  const runs: Run[] = [];

  async function run(program: Run['program'], place: Route, container: string): Promise<ChildFigures> {
    if (program === 'rclone' && rclone !== undefined) return await rclone.copy(place.config, container);
    return cell.workers === 0 ? await runSync(place) : await runWithWorkers(place, cell.workers);
  }

  /** @returns its figures, with the traffic on the route */
  async function runOnce(program: Run['program'], by: Route): Promise<Omit<Run, 'program'>> {
    // Each has its own change, so that both find one.
    if (cell.action === 'changed') await changeSome(bucket, objects, bytes);
    const container = full.get(program) ?? newContainer();
    const place = named(by, bucket, container);
    await by.traffic();
    const { output: _output, ...figures } = await run(program, place, container);
    const traffic = await by.traffic();
    if (cell.action === 'first') {
      // Of rclone's check on itself there is nothing to learn. It is not measured: it needs no distance.
      const near = named(await routeOf('direct'), bucket, container);
      if (program === 'sync') await rclone?.check(near.config, container);
      await cleanUp(container);
    }
    return { ...figures, traffic };
  }

  if (cell.action !== 'first') {
    for (const program of programs) {
      const container = newContainer();
      full.set(program, container);
      await run(program, named(route, bucket, container), container);
    }
  }
  // Counted in a run of their own: a proxy that only counts takes its time too.
  const counting = await routeOf(cell.rttMs);
  const traffic = new Map<string, Run['traffic']>();
  for (const program of programs) traffic.set(program, (await runOnce(program, counting)).traffic);
  for (let round = 0; round < rounds; round += 1) {
    for (const program of round % 2 === 0 ? programs : programs.toReversed()) {
      const figures = await runOnce(program, route);
      runs.push({ program, ...figures, ...definedFields({ traffic: traffic.get(program) }) });
    }
  }
  for (const container of full.values()) await cleanUp(container);
  return runs;
}

/** How many objects, and how large, a cell has. */
export function scaled({ size }: Pick<CopyCell, 'size'>, scale: number) {
  const { objects, bytes } = SIZES[size];
  if (scale === 1) return { objects, bytes };
  return {
    objects: Math.max(2, Math.round(objects * scale)),
    bytes: bytes > 1e8 ? Math.round(bytes * scale) : bytes,
  };
}

async function runListing(
  { objects }: Extract<Cell, { kind: 'listing' }>,
  { rounds, scale, rclone }: CellOptions,
): Promise<readonly Run[]> {
  const file = fileURLToPath(new URL('listing-process.ts', import.meta.url));
  const server = fork(file, [String(Math.round(objects * scale))]);
  const [{ port }] = (await once(server, 'message')) as [{ readonly port: number }];
  const address = `127.0.0.1:${String(port)}`;
  const direct = await routeOf('direct');
  const place = named(
    {
      ...direct,
      variables: {
        ...direct.variables,
        MINIO_ENDPOINT: address,
        AZURE_STORAGE_CONNECTION_STRING: `AccountName=account;AccountKey=a2V5;BlobEndpoint=http://${address}/account;`,
      },
    },
    'bucket',
    'container',
  );
  const runs: Run[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) {
      const { output: _output, ...figures } = await runSync(place);
      runs.push({ program: 'sync', ...figures });
      if (rclone === undefined) continue;
      const { output: _other, ...others } = await rclone.copy(place.config, 'container', 'audio/youtube');
      runs.push({ program: 'rclone', ...others });
    }
  } finally {
    server.disconnect();
  }
  return runs;
}
