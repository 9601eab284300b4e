import type { CheerioAPI } from 'cheerio';
import type { Article } from './article.ts';
import { jsonLdArticles } from './json-ld.ts';
import { jsonLdBlocks } from './json-ld-blocks.ts';
import { readableArticle } from './readable-article.ts';
import { selectArticle } from './select-article.ts';
import type { WebFields } from './settings.ts';
import { visibleText } from './visible-text.ts';

/** What was found on a page. */
export interface Found {
  readonly links?: readonly string[];
  readonly articles?: readonly Article[];
  /** Which selectors match nothing, in words. */
  readonly unmatched: readonly string[];
}

/** Makes a link of the page absolute; undefined when it is no web URL. */
export type Resolve = (link?: string) => string | undefined;

/**
 * The article that the page describes as JSON-LD, completed by what reads like one. A page may describe others too, which
 * it links to.
 */
export function describedArticle($: CheerioAPI, resolve: Resolve, pageUrl: string): Found {
  const all = jsonLdArticles(jsonLdBlocks($));
  const described = all.find(({ url }) => url !== undefined && resolve(url) === pageUrl) ?? all[0];
  const { url: _url, ...article } = described ?? { title: '', text: '' };
  const isComplete = !isBlank(article.title) && !isBlank(article.text);
  const readable = isComplete ? undefined : readableArticle($);
  const titles = [
    article.title,
    readable?.title ?? '',
    ...['h1', 'title'].map((name) => visibleText($(name).first())),
  ];
  const title = titles.find(isNotBlank) ?? '';
  const text = isBlank(article.text) ? (readable?.text ?? '') : article.text;
  const date = [article.date ?? '', readable?.date ?? '', metaDate($)].find(isNotBlank) ?? '';
  return {
    articles: [{ ...readable, ...article, title, text, date }],
    unmatched: isBlank(text)
      ? ['There is no JSON-LD with the text of an article, and no text that reads like one']
      : isBlank(title)
        ? ['There is no title']
        : [],
  };
}

/** Open Graph, and the microdata of schema.org. */
function metaDate($: CheerioAPI): string {
  const element = $('meta[property="article:published_time"], [itemprop="datePublished"]').first();
  return element.attr('content') ?? element.attr('datetime') ?? '';
}

/** A text that its selector does not find is taken from JSON-LD, or from what reads like an article. */
export function selectedArticle($: CheerioAPI, fields: WebFields, resolve: Resolve, pageUrl: string): Found {
  const article = selectArticle($, fields);
  if (isBlank(article.title)) return { articles: [article], unmatched: [noMatch(fields.title)] };
  if (fields.text === undefined || !isBlank(article.text)) return { articles: [article], unmatched: [] };
  const text = describedArticle($, resolve, pageUrl).articles?.[0]?.text ?? '';
  // On a page of a title alone the title is what reads like a text.
  const found = text.trim() === article.title.trim() ? '' : text;
  return { articles: [{ ...article, text: found }], unmatched: [noMatch(fields.text)] };
}

/** In words, for `Found.unmatched`. */
export function noMatch(selector: string): string {
  return `\`${selector}\` matches nothing`;
}

export function isBlank(text: string): boolean {
  return text.trim() === '';
}

function isNotBlank(text: string): boolean {
  return !isBlank(text);
}
