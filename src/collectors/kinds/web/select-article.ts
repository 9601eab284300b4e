import type { CheerioAPI } from 'cheerio';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { Article } from './article.ts';
import type { WebFields } from './settings.ts';
import { visibleText } from './visible-text.ts';

/** Selects the fields of an article, within an element or in the whole page. */
export function selectArticle($: CheerioAPI, fields: WebFields, item?: ReturnType<CheerioAPI>): Article {
  const find = (selector: string) => $(selector, item);
  return definedFields({
    title: visibleText(find(fields.title).first()),
    text: fields.text === undefined ? '' : visibleText(find(fields.text)),
    date: fields.date === undefined ? undefined : dateOf(find(fields.date).first()),
    author: fields.author === undefined ? undefined : visibleText(find(fields.author).first()),
  });
}

/** The attribute `datetime` or `content`, else the text; empty when there is none. */
function dateOf(element: ReturnType<CheerioAPI>): string {
  return element.attr('datetime') ?? element.attr('content') ?? visibleText(element);
}
