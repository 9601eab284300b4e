import { definedFields } from '../../../domain/defined-fields.ts';
import type { DocumentItem, RejectedItem } from '../../collector.ts';
import { canonicalUrl, normalisedText } from '../../canonical-form.ts';

/** The fields of one item, before validation. */
export interface Article {
  readonly url?: URL;
  readonly title: string;
  readonly text: string;
  readonly date?: string;
  readonly author?: string;
  readonly language?: string;
}

/** Converts an article to a document, or rejects it with a reason. A title is always required. */
export function toDocumentItem(
  article: Article,
  options: { readonly site: string; readonly language: string | undefined; readonly needsText: boolean },
): DocumentItem | RejectedItem {
  const { url } = article;
  const title = normalisedText(article.title);
  const text = normalisedText(article.text);
  const reject = (reason: string, detail: string): RejectedItem =>
    definedFields({ type: 'rejected' as const, reason, detail: detail || undefined });
  if (url === undefined) return reject('no_url', title);
  if (title === '') return reject('no_title', url.href);
  if (text === '' && options.needsText) return reject('no_text', url.href);
  const key = canonicalUrl(url.href);
  const author = normalisedText(article.author ?? '');
  return definedFields({
    type: 'document' as const,
    key,
    identity: { url: key, title, text },
    url: key,
    title,
    text: text || undefined,
    language: options.language ?? article.language,
    publishedAt: parsePublicationDate(article.date),
    payload: definedFields({ site: options.site, author: author || undefined }),
  });
}

/**
 * Parses a date in ISO 8601 or in the e-mail format (RFC 5322); UTC when it has no zone.
 * @returns undefined for other formats, because dates such as `03/04/2026` are ambiguous.
 */
function parsePublicationDate(text: string | undefined): Date | undefined {
  const date = text?.trim() ?? '';
  const isIso = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d|$)/.test(date);
  const isMail = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d/.test(date);
  if (!isIso && !isMail) return undefined;
  const hasZone = /(?:Z|GMT|UTC|[+-]\d\d:?\d\d)$/i.test(date) && date.length > 10;
  const zoned = hasZone || date.length === 10 ? date : `${date}${isIso ? 'Z' : ' GMT'}`;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? undefined : new Date(time);
}
