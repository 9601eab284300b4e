const RATE_UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['k', 1e3],
  ['m', 1e6],
  ['g', 1e9],
]);
const MIN_BYTES_PER_SECOND = 1000;

/**
 * Bytes a second, with a decimal unit: `10M`.
 * @throws Error when it is none, or less than 1 kB a second.
 */
export function parseByteRate(given: string): number {
  const [, digits, unit = ''] = /^(\d{1,12}(?:\.\d{1,3})?)([kmg]?)$/i.exec(given.trim()) ?? [];
  const rate = Number(digits) * (RATE_UNITS.get(unit.toLowerCase()) ?? Number.NaN);
  if (!(rate >= MIN_BYTES_PER_SECOND)) throw new Error('is not a rate such as 500k or 10M (1k or more)');
  return rate;
}
