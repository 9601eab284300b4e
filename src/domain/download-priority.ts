/** Of downloads that a person asked for by name: they come before all others. */
export const BY_HAND = 0;
/** The last of the priorities that people can give; 1 is the first. */
export const MAX_PRIORITY = 99;
/** Of downloads that nobody gave a priority; they come last. */
export const WITHOUT_PRIORITY = 100;

/** The priority that counts: the strongest of those given. Undefined, or one beyond the last, is none. */
export function strongestPriority(...priorities: readonly (number | undefined)[]): number {
  const given = priorities.filter((priority) => priority !== undefined);
  return Math.min(WITHOUT_PRIORITY, ...given.map((priority) => Math.min(priority, MAX_PRIORITY)));
}
