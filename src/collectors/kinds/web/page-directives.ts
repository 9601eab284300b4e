import type { CheerioAPI } from 'cheerio';
import { PRODUCT_TOKEN } from '../../../runtime/http-client/user-agent.ts';

/** Directives of X-Robots-Tag with a value, so that the word before the colon is not the name of a robot. */
const VALUED = new Set(['unavailable_after', 'max-snippet', 'max-image-preview', 'max-video-preview']);
const OURS = PRODUCT_TOKEN.toLowerCase();

/** Reads the directives of the headers and of the `meta` elements; the stricter one applies. */
export function directivesOf(headers: Headers, $: CheerioAPI) {
  const contents = [...metaContents($, 'robots'), ...metaContents($, OURS)];
  const directives = new Set([
    ...headerDirectives(headers.get('x-robots-tag') ?? ''),
    ...contents.flatMap((content) => content.toLowerCase().split(/\s*,\s*/)),
  ]);
  const reservations = [(headers.get('tdm-reservation') ?? '').trim(), ...metaContents($, 'tdm-reservation')];
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
    .map((meta) => (meta.attr('content') ?? '').trim());
}
