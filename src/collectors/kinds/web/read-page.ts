import type { CheerioAPI } from 'cheerio';
import { definedFields } from '../../../domain/defined-fields.ts';
import { decodeText } from '../../../text/decode-text.ts';
import { parseWebUrl } from '../../canonical-form.ts';
import type { Article } from './article.ts';
import { describePage } from './describe-page.ts';
import { parseHtml } from './html-document.ts';
import { jsonLdArticles } from './json-ld.ts';
import { jsonLdBlocks } from './json-ld-blocks.ts';
import { metaCharset } from './meta-charset.ts';
import {
  describedArticle,
  isBlank,
  noMatch,
  selectedArticle,
  type Found,
  type Resolve,
} from './page-article.ts';
import { directivesOf, type DirectiveHeaders } from './page-directives.ts';
import { selectArticle } from './select-article.ts';
import type { WebFields } from './settings.ts';

/** Further links or items of one page are left out. */
const MAX_FOUND = 10_000;

/** What to read from a page. */
export type Wanted =
  | { readonly type: 'links'; readonly link: string }
  /** The article of the page: by selectors, else its JSON-LD, else what reads like an article. */
  | { readonly type: 'article'; readonly fields?: WebFields | undefined }
  | {
      readonly type: 'items';
      readonly item: string;
      readonly link?: string | undefined;
      readonly fields: WebFields;
    }
  | { readonly type: 'json-ld' };

export interface PageRequest extends DirectiveHeaders {
  /** After redirects. */
  readonly url: string;
  /** Of the header Content-Type. */
  readonly charset: string | undefined;
  readonly wanted: Wanted;
}

/** What a page says, as plain data. URLs are absolute. */
export interface PageReading {
  readonly directives: ReturnType<typeof directivesOf>;
  /** The URL that the page declares as its own (`rel="canonical"`). */
  readonly canonical: string | undefined;
  readonly links: readonly string[];
  readonly articles: readonly Article[];
  /** The number of links or items beyond the limit. */
  readonly leftOut: number;
  /** Which selectors match nothing on the page or in any item, in words. */
  readonly unmatched: readonly string[];
  /** What the page has instead; empty when all selectors match. */
  readonly description: string;
}

/**
 * Parses a page and reads what is wanted. A pure function, to be called in a thread.
 * @param bytes the body of the response. The encoding is that of the byte order mark, Content-Type, `meta`, else UTF-8.
 * @throws PermanentError `too_complex`
 */
export function readPage(bytes: Uint8Array, request: PageRequest): PageReading {
  const { url, wanted } = request;
  const $ = parseHtml(decodeText(bytes, [request.charset, metaCharset(bytes)]).text);
  const base = parseWebUrl($('base[href]').first().attr('href') ?? '', url)?.href ?? url;
  const resolve = (link = '') => parseWebUrl(link.trim(), base)?.href;
  const language = $('html').attr('lang')?.trim();
  const { links = [], articles = [], unmatched } = read($, wanted, url, resolve);
  return {
    directives: directivesOf(request, $),
    canonical: resolve($('link[rel~="canonical" i][href]').first().attr('href')),
    links: links.slice(0, MAX_FOUND),
    articles: articles
      .slice(0, MAX_FOUND)
      .map((article) => ({ ...(language ? { language } : {}), ...article })),
    leftOut: Math.max(0, links.length - MAX_FOUND, articles.length - MAX_FOUND),
    unmatched,
    description: unmatched.length > 0 ? describePage($) : '',
  };
}

function read($: CheerioAPI, wanted: Wanted, pageUrl: string, resolve: Resolve): Found {
  switch (wanted.type) {
    case 'links': {
      const links = linksOf($, wanted.link, resolve);
      return { links, unmatched: links.length === 0 ? [`\`${wanted.link}\` matches no link`] : [] };
    }
    case 'article':
      return wanted.fields === undefined
        ? describedArticle($, resolve, pageUrl)
        : selectedArticle($, wanted.fields, resolve, pageUrl);
    case 'items':
      return listedItems($, wanted, resolve);
    case 'json-ld': {
      const found = jsonLdArticles(jsonLdBlocks($));
      const articles = found.map(({ url, ...article }) => {
        const own = resolve(url) ?? (found.length === 1 ? pageUrl : undefined);
        return own === undefined ? article : { ...article, url: own };
      });
      return { articles, unmatched: articles.length === 0 ? ['There is no JSON-LD of an article'] : [] };
    }
  }
}

function linksOf($: CheerioAPI, link: string, resolve: Resolve): string[] {
  const links = $(link)
    .toArray()
    .map((element) => $(element).attr('href') ?? $(element).find('a[href]').first().attr('href'))
    .flatMap((href) => resolve(href) ?? []);
  return [...new Set(links)];
}

function listedItems(
  $: CheerioAPI,
  { item: selector, link, fields }: Extract<Wanted, { type: 'items' }>,
  resolve: Resolve,
): Found {
  const items = $(selector)
    .toArray()
    .map((element) => $(element));
  const articles = items.map((item) => {
    const links =
      link === undefined ? item.find('a[href]').addBack('a[href]') : item.find(link).addBack(link);
    return definedFields({ ...selectArticle($, fields, item), url: resolve(links.first().attr('href')) });
  });
  if (articles.length === 0) return { unmatched: [noMatch(selector)] };
  const isAnyTitled = articles.some(({ title }) => !isBlank(title));
  const hasAnyUrl = articles.some(({ url }) => url !== undefined);
  return {
    articles,
    unmatched: [
      ...(isAnyTitled ? [] : [noMatch(fields.title)]),
      ...(hasAnyUrl ? [] : [noMatch(link ?? 'a[href]')]),
    ],
  };
}
