import { z } from 'zod';
import { definedFields } from '../../../domain/defined-fields.ts';
import { htmlToText } from '../../../text/html-to-text.ts';
import type { Article } from './article.ts';

/** Article and its subtypes at schema.org: NewsArticle, BlogPosting, ReportageNewsArticle, Report … */
const ARTICLE_TYPE = /^(?:https?:\/\/schema\.org\/|schema:)?(?:\w*Article|\w*BlogPosting|Report)$/;
/** Properties that may contain articles. */
const CONTAINERS = ['@graph', 'mainEntity', 'itemListElement', 'item', 'hasPart', 'blogPost'];
const MAX_DEPTH = 8;

const node = z.record(z.string(), z.unknown());
type Node = z.infer<typeof node>;

/**
 * The articles that the JSON-LD of a page describes (schema.org).
 * @param blocks parsed JSON
 */
export function jsonLdArticles(blocks: readonly unknown[]): Article[] {
  const names = namesById(blocks);
  return blocks
    .flatMap((block) => articleNodes(block, 0))
    .map((article) =>
      definedFields({
        url: firstText(article['url']) ?? firstText(article['mainEntityOfPage']),
        title: htmlToText(firstText(article['headline']) ?? firstText(article['name']) ?? ''),
        // Some sites put HTML tags and entities into these texts.
        text: htmlToText(
          firstText(article['articleBody']) ??
            firstText(article['text']) ??
            firstText(article['description']) ??
            '',
        ),
        date: firstText(article['datePublished']) ?? firstText(article['dateCreated']) ?? '',
        author: authorsOf(article['author'], names),
        language: firstText(article['inLanguage']),
      }),
    );
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

/** The names of the nodes of graphs, to which other nodes refer by `@id`. */
function namesById(blocks: readonly unknown[]): ReadonlyMap<string, string> {
  const nodes = blocks.flatMap((block) => {
    const graph: unknown = node.safeParse(block).data?.['@graph'];
    return [block, graph].flat();
  });
  const names = new Map<string, string>();
  for (const value of nodes) {
    const { '@id': id, name } = node.safeParse(value).data ?? {};
    if (typeof id === 'string' && typeof name === 'string') names.set(id, name);
  }
  return names;
}

/** The text itself, the first of a list, or the property that identifies an object. */
function firstText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return typeof value[0] === 'object' ? textOfNode(value[0]) : firstText(value[0]);
  return textOfNode(value);
}

function textOfNode(value: unknown): string | undefined {
  const object = node.safeParse(value).data;
  const inner = object?.['@value'] ?? object?.['@id'] ?? object?.['url'] ?? object?.['name'];
  return typeof inner === 'string' ? inner : undefined;
}

function authorsOf(value: unknown, names: ReadonlyMap<string, string>): string {
  return [value]
    .flat()
    .map((author: unknown) => {
      if (typeof author === 'string') return author;
      const { name, '@id': id } = node.safeParse(author).data ?? {};
      return name ?? (typeof id === 'string' ? names.get(id) : undefined);
    })
    .filter((name) => typeof name === 'string')
    .join(', ');
}
