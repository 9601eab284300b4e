import type { DateOrder } from '../../../text/dates/calendar-date.ts';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { DocumentItem, RejectedItem } from '../../collector.ts';
import { canonicalUrl, normalisedText } from '../../canonical-form.ts';
import { publicationDate } from '../../publication-date.ts';

/** The fields of one item, before validation. */
export interface Article {
  /** Absolute. */
  readonly url?: string;
  readonly title: string;
  readonly text: string;
  /** As on the page; empty when it was looked for and is not there. */
  readonly date?: string;
  readonly author?: string;
  readonly language?: string;
}

/** Converts an article to a document, or rejects it with a reason. A title is always required. */
export function toDocumentItem(
  article: Article,
  options: {
    readonly site: string;
    readonly language: string | undefined;
    readonly dateOrder: DateOrder | undefined;
    readonly needsText: boolean;
  },
): DocumentItem | RejectedItem {
  const { url } = article;
  const { dateOrder } = options;
  const title = normalisedText(article.title);
  const text = normalisedText(article.text);
  const reject = (reason: string, detail: string): RejectedItem =>
    definedFields({ type: 'rejected' as const, reason, detail: detail || undefined });
  if (url === undefined) return reject('no_url', title);
  if (title === '') return reject('no_title', url);
  if (text === '' && options.needsText) return reject('no_text', url);
  const key = canonicalUrl(url);
  const author = normalisedText(article.author ?? '');
  return definedFields({
    type: 'document' as const,
    key,
    identity: { url: key, title, text },
    url: key,
    title,
    text: text || undefined,
    language: options.language ?? article.language,
    ...publicationDate(article.date, { dateOrder }),
    payload: definedFields({ site: options.site, author: author || undefined }),
  });
}
