/**
 * The mirror against rclone on the same servers: wall time, CPU time for 1,000 objects, most memory, and requests and bytes an
 * object. The two take turns; the table shows medians. rclone is the one on the PATH, or one that was built before; without
 * it, `--install-rclone` builds it (`go install github.com/rclone/rclone@v1.75.1`, minutes). After each first copy
 * `rclone check --download` reads both sides and must find no difference. Uses the servers of the environment, starts those that
 * are missing, and needs a quiet machine.
 *
 *   npm run bench -- mirror --cells=small-*,listing-100000 --rounds=5 --json
 *
 * `--cells` names some cells (default: all, which takes hours; `--list` shows them), `--scale=0.01` makes them smaller for a
 * trial. Aims in each cell: wall at most that of rclone, CPU at most 1.3 times, 200 MB of memory.
 */
import { parseArgs } from 'node:util';
import { SERVER_NAMES } from '../local/servers/start-servers.ts';
import { runCommand, type CloseAtEnd } from '../src/cli/command/run-command.ts';
import { CELLS, chooseCells, type Cell } from './mirror/cells.ts';
import { runCell, scaled, type Run } from './mirror/run-cell.ts';
import { cleanUp } from './mirror/stand.ts';
import { startBenchServers } from './support/bench-servers.ts';
import { findRclone } from './support/rclone.ts';

const { values } = parseArgs({
  options: {
    cells: { type: 'string', default: '*' },
    rounds: { type: 'string', default: '5' },
    scale: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    'install-rclone': { type: 'boolean', default: false },
  },
});

if (values.list) {
  console.log(CELLS.map(({ name }) => name).join('\n'));
} else {
  await runCommand(async (_signal, closeAtEnd) => {
    await benchMirror(closeAtEnd);
    return 0;
  });
}

async function benchMirror(closeAtEnd: CloseAtEnd): Promise<void> {
  await startBenchServers(closeAtEnd, SERVER_NAMES, 'disk');
  const cells = chooseCells(values.cells);
  const rclone = await findRclone(values['install-rclone']);
  const options = { rounds: Number(values.rounds), scale: Number(values.scale), rclone };
  console.error(
    rclone === undefined ? 'There is no rclone: nothing is compared. See --install-rclone.' : rclone.version,
  );
  try {
    for (const cell of cells) {
      const runs = await runCell(cell, options);
      const objects =
        cell.kind === 'listing' ? cell.objects * options.scale : scaled(cell, options.scale).objects;
      if (values.json) console.log(JSON.stringify({ cell: cell.name, objects, runs }));
      else console.log(tableOf(cell, runs, objects));
    }
  } finally {
    await cleanUp();
  }
}

function tableOf(cell: Cell, runs: readonly Run[], objects: number): string {
  const lines = (['sync', 'rclone'] as const).flatMap((program) => {
    const own = runs.filter((run) => run.program === program);
    const [first] = own;
    if (first === undefined) return [];
    const of = (read: (run: Run) => number) => median(own.map(read));
    const { traffic } = first;
    const wire =
      traffic === undefined
        ? ''
        : `  ${(traffic.requests / objects).toFixed(2)} requests, ${((traffic.upBytes + traffic.downBytes) / objects).toFixed(0)} bytes an object`;
    return [
      `  ${program.padEnd(7)} ${of(({ seconds }) => seconds)
        .toFixed(2)
        .padStart(8)} s` +
        `  ${((of(({ cpuSeconds }) => cpuSeconds) / objects) * 1000).toFixed(2).padStart(8)} CPU-s/1,000` +
        `  ${of(({ peakMegabytes }) => peakMegabytes)
          .toFixed(0)
          .padStart(5)} MB${wire}`,
    ];
  });
  return [`${cell.name} (${String(objects)} objects)`, ...lines].join('\n');
}

function median(values_: readonly number[]): number {
  const sorted = values_.toSorted((one, other) => one - other);
  return (
    ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) /
    2
  );
}
