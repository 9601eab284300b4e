import type { FoundDocument, RejectedItem } from '../../collector.ts';
import { canonicalUrl, normalisedText } from '../../identity-text.ts';

/** What was read of one item, before it is judged. */
export interface Article {
  readonly url: URL | undefined;
  readonly title: string;
  readonly text: string;
  readonly date?: string;
  readonly author?: string;
  readonly language?: string;
}

/** Makes a document of an article, or says why it is none. Both title and text are asked for where `needsText`. */
export function documentOf(
  article: Article,
  rule: { readonly site: string; readonly language: string | undefined; readonly needsText: boolean },
): FoundDocument | RejectedItem {
  const { url } = article;
  const title = normalisedText(article.title);
  const text = normalisedText(article.text);
  if (url === undefined) return rejected('no_url', title);
  if (title === '') return rejected('no_title', url.href);
  if (text === '' && rule.needsText) return rejected('no_text', url.href);
  const key = canonicalUrl(url.href);
  const author = normalisedText(article.author ?? '');
  const language = rule.language ?? article.language;
  const publishedAt = parsePublicationDate(article.date);
  return {
    type: 'document',
    key,
    identity: { url: key, title, text },
    url: key,
    title,
    ...(text === '' ? {} : { text }),
    ...(language === undefined ? {} : { language }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
    payload: { site: rule.site, ...(author === '' ? {} : { author }) },
  };
}

/**
 * A date in the form of ISO 8601 or of mails (RFC 5322), in UTC where it names no zone.
 * @returns undefined for any other form: what `03/04/2026` means depends on who wrote it.
 */
export function parsePublicationDate(text: string | undefined): Date | undefined {
  const date = text?.trim() ?? '';
  const isIso = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d|$)/.test(date);
  const isMail = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d/.test(date);
  if (!isIso && !isMail) return undefined;
  const hasZone = /(?:Z|GMT|UTC|[+-]\d\d:?\d\d)$/i.test(date) && date.length > 10;
  const zoned = hasZone || date.length === 10 ? date : `${date}${isIso ? 'Z' : ' GMT'}`;
  const time = Date.parse(zoned);
  return Number.isNaN(time) ? undefined : new Date(time);
}

function rejected(reason: string, detail: string): RejectedItem {
  return { type: 'rejected', reason, ...(detail === '' ? {} : { detail }) };
}
