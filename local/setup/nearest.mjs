/** How many letters may differ, in a word of any length. */
const MOST_DIFFERENT = 2;
/** Longer words are no names of commands. */
const MAX_LENGTH = 40;

/**
 * The name that was probably meant: the one that differs in the fewest letters, at most two.
 * @param {string} word
 * @param {readonly string[]} names
 * @returns {string | undefined}
 */
export function nearest(word, names) {
  if (word.length > MAX_LENGTH) return undefined;
  const rated = names.map((name) => ({ name, distance: distance(word, name) }));
  const [best] = rated.sort((one, other) => one.distance - other.distance);
  // Of a short word, two letters are all of it.
  return best !== undefined && best.distance <= Math.min(MOST_DIFFERENT, word.length / 2)
    ? best.name
    : undefined;
}

/**
 * The Levenshtein distance: how many letters must be put in, left out or replaced.
 * @param {string} one
 * @param {string} other
 */
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_value, index) => index);
  for (const [line, letter] of [...one].entries()) {
    const next = [line + 1];
    for (const [column, wanted] of [...other].entries()) {
      const replaced = (row[column] ?? 0) + (letter === wanted ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
