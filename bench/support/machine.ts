import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { z } from 'zod';

const GIGABYTE = 1024 ** 3;

export const machineSchema = z.object({
  model: z.string(),
  processors: z.number(),
  memoryGigabytes: z.number(),
  /**
   * How many processes were running or wanted to, on average of the last minute, before and after the benchmark. Left out by those
   * that do not tell.
   */
  loadBefore: z.number().optional(),
  loadAfter: z.number().optional(),
});
export type Machine = z.output<typeof machineSchema>;

/** Without its load. */
export function describeMachine(): Machine {
  return {
    model: (cpus()[0]?.model ?? 'unknown processor').trim(),
    processors: availableParallelism(),
    memoryGigabytes: Math.round(totalmem() / GIGABYTE),
  };
}

/** Call it before the benchmark, and what it returns afterwards. */
export function watchMachine(): () => Machine {
  const loadBefore = load();
  return () => ({ ...describeMachine(), loadBefore, loadAfter: load() });
}

/** Such as `2 × AMD EPYC, 24 GB; load 0.1 before, 2.3 after`. */
export function formatMachine({
  model,
  processors,
  memoryGigabytes,
  loadBefore,
  loadAfter,
}: Machine): string {
  const machine = `${String(processors)} × ${model}, ${String(memoryGigabytes)} GB`;
  return loadBefore === undefined || loadAfter === undefined
    ? machine
    : `${machine}; load ${loadBefore.toFixed(1)} before, ${loadAfter.toFixed(1)} after`;
}

function load(): number {
  return Math.round((loadavg()[0] ?? 0) * 10) / 10;
}
