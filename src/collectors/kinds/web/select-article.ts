import type { CheerioAPI } from 'cheerio';
import type { Article } from './article.ts';
import type { HtmlPage } from './html-page.ts';
import type { WebFields } from './settings.ts';

/** Elements that a reader does not see as text. */
const UNSEEN = 'script, style, noscript, template';
/** Elements that stand on lines of their own: their words do not run into those before and after. */
const BLOCKS = 'p, div, li, br, h1, h2, h3, h4, h5, h6, tr, td, section, article, blockquote, figcaption';

/** Reads an article by selectors, within an element or the whole page. */
export function selectArticle(
  page: HtmlPage,
  fields: WebFields,
  url: URL | undefined,
  item?: ReturnType<CheerioAPI>,
): Article {
  const { $ } = page;
  const find = (selector: string) => (item === undefined ? $(selector) : item.find(selector));
  const date = fields.date === undefined ? undefined : dateOf(find(fields.date));
  const author = fields.author === undefined ? '' : textOf($, find(fields.author).first());
  const language = $('html').attr('lang');
  return {
    url,
    title: textOf($, find(fields.title).first()),
    text: fields.text === undefined ? '' : textOf($, find(fields.text)),
    ...(date === undefined ? {} : { date }),
    ...(author === '' ? {} : { author }),
    ...(language === undefined || language === '' ? {} : { language }),
  };
}

function textOf($: CheerioAPI, selection: ReturnType<CheerioAPI>): string {
  return selection
    .toArray()
    .map((element) => {
      const copy = $(element).clone();
      const content = copy.attr('content');
      if (copy.is('meta') && content !== undefined) return content;
      copy.find(UNSEEN).remove();
      copy.find(BLOCKS).before(' ').after(' ');
      return copy.text();
    })
    .join('\n');
}

function dateOf(selection: ReturnType<CheerioAPI>): string | undefined {
  const first = selection.first();
  const text = first.attr('datetime') ?? first.attr('content') ?? first.text().trim();
  return text === '' ? undefined : text;
}
