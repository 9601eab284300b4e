import { createHash } from 'node:crypto';

/** Numbers in [0, 1) derived from a seed. */
export type SeededRandom = () => number;

/**
 * A stream of numbers that depends only on the seed and the name, so that a run can be repeated and one part of it
 * does not change when another draws more. The generator is sfc32 of PractRand (Chris Doty-Humphrey, public domain).
 */
export function seededRandom(seed: number, name: string): SeededRandom {
  const digest = createHash('sha256')
    .update(`${String(seed)}/${name}`)
    .digest();
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = 1;
  return () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  };
}

/** A number in [least, most). */
export function between(random: SeededRandom, least: number, most: number): number {
  return least + random() * (most - least);
}

/** One of several, each as likely as its weight. @throws RangeError when there are none. */
export function pick<T>(
  random: SeededRandom,
  choices: readonly { readonly value: T; readonly weight: number }[],
): T {
  const total = choices.reduce((sum, { weight }) => sum + weight, 0);
  let left = random() * total;
  for (const { value, weight } of choices) {
    left -= weight;
    if (left < 0) return value;
  }
  throw new RangeError('The list of choices is empty.');
}
