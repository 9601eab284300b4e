import { Readability } from '@mozilla/readability';
import type { CheerioAPI } from 'cheerio';
import { parseHTML } from 'linkedom';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { Article } from './article.ts';
import { parseFragment } from './html-document.ts';
import { visibleText } from './visible-text.ts';

/** It looks at each element several times; pages of articles have some thousands. */
const MAX_ELEMENTS = 50_000;

/** More of the text in links makes it a menu or a list of other pages. */
const MAX_LINKED_SHARE = 0.5;

/**
 * The article of a page as the reading view of Firefox shows it (`@mozilla/readability`), for pages that describe none.
 * @returns undefined when the page has no text that reads like an article
 */
export function readableArticle($: CheerioAPI): Article | undefined {
  // Serialised from the tree of parseHtml, so that the other parser gets a valid document of limited depth.
  // The types of both libraries need those of browsers, which this project does not have.
  const { document } = parseHTML($.html()) as { readonly document: object };
  const found = readOf(document);
  if (found === undefined) return undefined;
  const { content, title, publishedTime, byline, lang } = found;
  const $content = parseFragment(content ?? '');
  const text = visibleText($content.root()).trim();
  const linked = visibleText($content('a, nav, button')).trim();
  // A page of a title or a menu alone has no text.
  if (text === '' || text === title?.trim() || linked.length > MAX_LINKED_SHARE * text.length)
    return undefined;
  return definedFields({
    title: title ?? '',
    text,
    date: publishedTime ?? '',
    author: byline ?? '',
    language: lang ?? undefined,
  });
}

function readOf(document: object) {
  try {
    return new Readability(document, { maxElemsToParse: MAX_ELEMENTS }).parse() ?? undefined;
  } catch {
    // The page is too large, or not what it expects.
    return undefined;
  }
}
