import type { CheerioAPI } from 'cheerio';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { Article } from './article.ts';
import type { HtmlPage } from './html-page.ts';
import type { WebFields } from './settings.ts';

/** Elements whose text is not visible. */
const INVISIBLE = 'script, style, noscript, template';
/** Elements that separate words. */
const BLOCKS = 'p, div, li, br, h1, h2, h3, h4, h5, h6, tr, td, section, article, blockquote, figcaption';

/** Selects the fields of an article, within an element or in the whole page. */
export function selectArticle(
  { $ }: HtmlPage,
  fields: WebFields,
  url: URL | undefined,
  item?: ReturnType<CheerioAPI>,
): Article {
  const find = (selector: string) => $(selector, item);
  const language = $('html').attr('lang');
  return definedFields({
    url,
    title: textOf($, find(fields.title).first()),
    text: fields.text === undefined ? '' : textOf($, find(fields.text)),
    date: fields.date === undefined ? undefined : dateOf(find(fields.date)),
    author: fields.author === undefined ? undefined : textOf($, find(fields.author).first()),
    language: language === '' ? undefined : language,
  });
}

function textOf($: CheerioAPI, selection: ReturnType<CheerioAPI>): string {
  return selection
    .toArray()
    .map((element) => {
      const copy = $(element).clone();
      const content = copy.attr('content');
      if (copy.is('meta') && content !== undefined) return content;
      copy.find(INVISIBLE).remove();
      copy.find(BLOCKS).before(' ').after(' ');
      return copy.text();
    })
    .join('\n');
}

function dateOf(selection: ReturnType<CheerioAPI>): string | undefined {
  const first = selection.first();
  const text = first.attr('datetime') ?? first.attr('content') ?? first.text().trim();
  return text || undefined;
}
