import { loadBuffer, type CheerioAPI } from 'cheerio';
import type { HttpResponse } from '../../../runtime/http-client/http-client.ts';
import { directivesOf, type PageDirectives } from './page-directives.ts';

/** A page that was read and parsed. */
export interface HtmlPage {
  /** After redirects. */
  readonly url: URL;
  readonly $: CheerioAPI;
  readonly directives: PageDirectives;
  /** Resolves an address as the page means it; undefined for what is no page of the web. */
  resolve(address: string | undefined): URL | undefined;
}

/**
 * Reads and parses a page. Its encoding is found as browsers find it: byte order mark, Content-Type, `meta`, else
 * UTF-8 (WHATWG, "encoding sniffing algorithm").
 * @throws JobError when the body does not arrive
 */
export async function readHtmlPage(answer: HttpResponse): Promise<HtmlPage> {
  const bytes = await answer.bytes();
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(answer.headers.get('content-type') ?? '')?.[1];
  const $ = loadBuffer(bytes, {
    encoding: {
      defaultEncoding: 'utf-8',
      ...(charset === undefined ? {} : { transportLayerEncodingLabel: charset }),
    },
  });
  const base = absolute($('base[href]').first().attr('href') ?? '', answer.url) ?? answer.url;
  return {
    url: answer.url,
    $,
    directives: directivesOf(answer.headers, $),
    resolve: (address) => (address === undefined ? undefined : absolute(address.trim(), base)),
  };
}

function absolute(address: string, base: URL): URL | undefined {
  if (address === '' || !URL.canParse(address, base.href)) return undefined;
  const url = new URL(address, base);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}
