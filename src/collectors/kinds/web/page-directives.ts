import type { CheerioAPI } from 'cheerio';
import { PRODUCT_TOKEN } from '../../../runtime/http-client/user-agent.ts';

/** Directives of X-Robots-Tag with a value, so that the word before the colon is not the name of a robot. */
const VALUED = new Set(['unavailable_after', 'max-snippet', 'max-image-preview', 'max-video-preview']);
const OURS = PRODUCT_TOKEN.toLowerCase();
/** Directives are short words; the rest of a longer text is not looked at. */
const MAX_CHARACTERS = 10_000;

/** The response headers that say what programs may do with a page. */
export interface DirectiveHeaders {
  /** X-Robots-Tag */
  readonly robotsTag: string;
  /** TDM-Reservation */
  readonly tdmReservation: string;
}

/** Reads the directives of the headers and of the `meta` elements; the stricter one applies. */
export function directivesOf({ robotsTag, tdmReservation }: DirectiveHeaders, $: CheerioAPI) {
  const contents = [...metaContents($, 'robots'), ...metaContents($, OURS)];
  const directives = new Set([
    ...headerDirectives(robotsTag.slice(0, MAX_CHARACTERS)),
    ...contents.flatMap((content) => content.split(',').map((directive) => directive.trim().toLowerCase())),
  ]);
  const reservations = [tdmReservation.trim(), ...metaContents($, 'tdm-reservation')];
  return {
    noIndex: directives.has('noindex') || directives.has('none'),
    noFollow: directives.has('nofollow') || directives.has('none'),
    /** Text and data mining is reserved (TDM Reservation Protocol of the W3C community group, section 6). */
    isReserved: reservations.includes('1'),
  };
}

/** The directives for all robots and for this one; not those of `otherbot: noindex, nofollow`. */
function headerDirectives(value: string): string[] {
  const directives: string[] = [];
  let isForUs = true;
  for (const part of value.toLowerCase().split(',')) {
    const colon = part.indexOf(':');
    const agent = part.slice(0, Math.max(0, colon)).trim();
    const isNamed = /^[\w-]+$/.test(agent);
    if (isNamed && !VALUED.has(agent)) isForUs = agent === OURS;
    if (isForUs) directives.push((isNamed ? part.slice(colon + 1) : part).trim());
  }
  return directives;
}

function metaContents($: CheerioAPI, name: string): string[] {
  return $('meta[name]')
    .toArray()
    .map((element) => $(element))
    .filter((meta) => meta.attr('name')?.trim().toLowerCase() === name)
    .map((meta) => (meta.attr('content') ?? '').trim().slice(0, MAX_CHARACTERS));
}
