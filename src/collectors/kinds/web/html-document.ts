import { load, type CheerioAPI } from 'cheerio';
import { adapter } from 'parse5-htmlparser2-tree-adapter';
import { PermanentError } from '../../../domain/job-errors.ts';

/** Chromium builds no deeper tree (`kMaximumHTMLParserDOMTreeDepth`). Functions that call themselves can walk it. */
const MAX_DEPTH = 512;
/** Some short documents become huge trees: a paragraph repeats every formatting element that is still open. */
const MAX_ELEMENTS = 100_000;

/**
 * Parses a page as browsers do. Depth and size of the tree are limited while it is built, so that a document which is
 * made to be slow is refused early.
 * @throws PermanentError `too_complex`
 */
export function parseHtml(html: string): CheerioAPI {
  return load(html, { treeAdapter: boundedAdapter() });
}

/** As `parseHtml`, for a piece of HTML without `html`, `head` and `body`. */
export function parseFragment(html: string): CheerioAPI {
  return load(html, { treeAdapter: boundedAdapter() }, false);
}

function boundedAdapter(): typeof adapter {
  let elements = 0;
  /** The elements that are open at one point of the document are nested. */
  let depth = 0;
  return {
    ...adapter,
    createElement(...args) {
      elements += 1;
      if (elements > MAX_ELEMENTS) throw tooComplex(`more than ${String(MAX_ELEMENTS)} elements`);
      return adapter.createElement(...args);
    },
    onItemPush() {
      depth += 1;
      if (depth > MAX_DEPTH) throw tooComplex(`elements nested more than ${String(MAX_DEPTH)} deep`);
    },
    onItemPop() {
      depth -= 1;
    },
  };
}

function tooComplex(what: string): PermanentError {
  return new PermanentError('too_complex', `The page has ${what}.`);
}
