import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MEGABYTE = 1024 ** 2;

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');
const isFunction = (value: unknown): value is () => void => typeof value === 'function';

/** The memory in use after a garbage collection, in MB. */
export function usedMegabytes(): number {
  if (isFunction(collectGarbage)) collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / MEGABYTE);
}

/** All memory of the process with its threads at this moment, in MB. */
export function residentMegabytes(): number {
  return Math.round(process.memoryUsage.rss() / MEGABYTE);
}
