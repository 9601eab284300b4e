import type { CheerioAPI } from 'cheerio';
import { PRODUCT_TOKEN } from '../../../runtime/http-client/user-agent.ts';

/** The requests of a page to programs that read it. */
export interface PageDirectives {
  /** The page must not be stored. */
  readonly noIndex: boolean;
  /** Its links must not be followed. */
  readonly noFollow: boolean;
  /** Text and data mining is reserved (TDM Reservation Protocol of the W3C community group, section 6). */
  readonly isReserved: boolean;
}

/** Directives of X-Robots-Tag with a value, so that the word before the colon is not the name of a robot. */
const VALUED = new Set(['unavailable_after', 'max-snippet', 'max-image-preview', 'max-video-preview']);
const OURS = PRODUCT_TOKEN.toLowerCase();

/** Reads the directives of the headers and of the `meta` elements; the stricter one applies. */
export function directivesOf(headers: Headers, $: CheerioAPI): PageDirectives {
  const directives = new Set([
    ...headerDirectives(headers.get('x-robots-tag') ?? ''),
    ...metaContents($, 'robots').flatMap(wordsOf),
    ...metaContents($, OURS).flatMap(wordsOf),
  ]);
  const reservations = [headers.get('tdm-reservation') ?? '', ...metaContents($, 'tdm-reservation')];
  return {
    noIndex: directives.has('noindex') || directives.has('none'),
    noFollow: directives.has('nofollow') || directives.has('none'),
    isReserved: reservations.some((value) => value.trim() === '1'),
  };
}

/** The directives for all robots and for this one; not those of `otherbot: noindex, nofollow`. */
function headerDirectives(value: string): string[] {
  const directives: string[] = [];
  let isForUs = true;
  for (const part of value.toLowerCase().split(',')) {
    const [, agent, rest] = /^\s*([\w-]+)\s*:\s*(.*)$/.exec(part) ?? [];
    if (agent !== undefined && !VALUED.has(agent)) isForUs = agent === OURS;
    if (isForUs) directives.push((agent === undefined ? part : (rest ?? '')).trim());
  }
  return directives;
}

function metaContents($: CheerioAPI, name: string): string[] {
  return $('meta[name]')
    .toArray()
    .map((element) => $(element))
    .filter((meta) => meta.attr('name')?.trim().toLowerCase() === name)
    .map((meta) => meta.attr('content') ?? '');
}

function wordsOf(content: string): string[] {
  return content
    .toLowerCase()
    .split(',')
    .map((word) => word.trim());
}
