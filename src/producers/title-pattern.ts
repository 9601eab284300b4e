/** Patterns of one playlist, and characters of one pattern: matching takes at most their product with the title. */
export const MAX_PATTERNS = 50;
export const MAX_PATTERN_LENGTH = 200;
/** Longer titles are matched by their beginning. */
const MAX_TITLE_LENGTH = 1_000;

/**
 * Whether a title contains what a pattern says: a part of the title, in which `*` stands for any characters and `?` for one.
 * Letter case does not matter. Not a regular expression: it cannot take more than the product of both lengths.
 */
export function matchesPattern(title: string, pattern: string): boolean {
  const text = Array.from(normal(title.slice(0, MAX_TITLE_LENGTH)));
  // The title need not begin or end with it.
  const glob = Array.from(`*${normal(pattern.slice(0, MAX_PATTERN_LENGTH))}*`);
  let [inText, inGlob] = [0, 0];
  // After the last `*`, and where its match began.
  let [afterStar, starText] = [-1, 0];
  while (inText < text.length) {
    const wanted = glob[inGlob];
    if (wanted === '*') {
      inGlob += 1;
      [afterStar, starText] = [inGlob, inText];
    } else if (wanted !== undefined && (wanted === '?' || wanted === text[inText])) {
      inGlob += 1;
      inText += 1;
    } else {
      // The pattern begins with `*`: there is always one to go back to.
      starText += 1;
      [inGlob, inText] = [afterStar, starText];
    }
  }
  return glob.slice(inGlob).every((character) => character === '*');
}

/** Whether one of the patterns matches. */
export function matchesAny(title: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => matchesPattern(title, pattern));
}

/** One form for letters that look the same, in lower case. */
function normal(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
