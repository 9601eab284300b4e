import { setTimeout as delay } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { PermanentError } from '../../src/domain/job-errors.ts';

/** Functions that tests call in the threads of a pool. */

export function describeInput(input: { readonly at: Date; readonly bytes: Uint8Array }) {
  return { year: input.at.getFullYear(), size: input.bytes.length, keys: new Map([['__proto__', 1]]) };
}

export function idOfThread(): number {
  return threadId;
}

export async function wait(ms: number): Promise<string> {
  await delay(ms);
  return 'waited';
}

/** Takes exponential time. */
export function backtrack(length: number): boolean {
  // eslint-disable-next-line regexp/no-super-linear-backtracking -- it is what the test needs
  return /^(?:a+)+$/.test(`${'a'.repeat(length)}!`);
}

export function spin(): never {
  for (;;);
}

export function fillMemory(): number {
  const kept: string[][] = [];
  for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => `${String(kept.length)}-${String(index)}`));
}

export function overflowStack(depth = 0): number {
  return overflowStack(depth + 1) + 1;
}

export function failPermanently(): never {
  throw new PermanentError('source_settings', 'It is wrong.');
}

export function failPlainly(): never {
  throw new SyntaxError('Unexpected end.');
}

export function failLater(): string {
  setTimeout(() => {
    throw new Error('too late');
  }, 10);
  return 'done';
}

export function returnFunction(): unknown {
  return { call: () => 1 };
}

export function exit(): never {
  process.exit(3);
}

export function environment(): readonly string[] {
  return Object.keys(process.env);
}
