import { load } from 'cheerio';
import { z } from 'zod';
import { definedFields } from '../../../domain/defined-fields.ts';
import { parseJson } from '../../../runtime/json.ts';
import type { Article } from './article.ts';
import type { HtmlPage } from './html-page.ts';

/** Article and its subtypes at schema.org: NewsArticle, BlogPosting, ReportageNewsArticle, Report … */
const ARTICLE_TYPE = /^(?:https?:\/\/schema\.org\/|schema:)?(?:\w*Article|\w*BlogPosting|Report)$/;
/** Properties that may contain articles. */
const CONTAINERS = ['@graph', 'mainEntity', 'itemListElement', 'item', 'hasPart', 'blogPost'];
const MAX_DEPTH = 8;

const node = z.record(z.string(), z.unknown());
type Node = z.infer<typeof node>;

/** The articles that a page describes as JSON-LD (schema.org). Blocks that are not JSON are ignored. */
export function jsonLdArticles(page: HtmlPage): Article[] {
  const { $ } = page;
  const nodes = $('script[type="application/ld+json" i]')
    .toArray()
    .flatMap((script) => articleNodes(parseJson($(script).text()), 0));
  return nodes.map((article) => {
    const url = firstText(article['url']) ?? firstText(article['mainEntityOfPage']);
    return definedFields({
      url: page.resolve(url) ?? (nodes.length === 1 ? page.url : undefined),
      title: plain(firstText(article['headline']) ?? firstText(article['name'])),
      text: plain(
        firstText(article['articleBody']) ?? firstText(article['text']) ?? firstText(article['description']),
      ),
      date: firstText(article['datePublished']) ?? firstText(article['dateCreated']),
      author: authorsOf(article['author']),
      language: firstText(article['inLanguage']),
    });
  });
}

function articleNodes(value: unknown, depth: number): Node[] {
  if (depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((one: unknown) => articleNodes(one, depth + 1));
  const object = node.safeParse(value).data;
  if (object === undefined) return [];
  const types: unknown[] = [object['@type']].flat();
  if (types.some((type) => typeof type === 'string' && ARTICLE_TYPE.test(type))) return [object];
  return CONTAINERS.flatMap((name) => articleNodes(object[name], depth + 1));
}

/** The text itself, the first of a list, or the property that identifies an object. */
function firstText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return firstText(value[0]);
  const object = node.safeParse(value).data;
  const inner = object?.['@value'] ?? object?.['@id'] ?? object?.['url'] ?? object?.['name'];
  return typeof inner === 'string' ? inner : undefined;
}

function authorsOf(value: unknown): string {
  return [value]
    .flat()
    .map((author: unknown) => (typeof author === 'string' ? author : node.safeParse(author).data?.['name']))
    .filter((name) => typeof name === 'string')
    .join(', ');
}

/** Some sites put HTML tags and entities into these texts. */
function plain(text = ''): string {
  return /&(?:#\w+|\w+);|<\/?[a-z]/i.test(text) ? load(text, null, false).text() : text;
}
