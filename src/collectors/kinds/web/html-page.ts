import { loadBuffer, type CheerioAPI } from 'cheerio';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { HttpResponse } from '../../../runtime/http-client/http-client.ts';
import { parseWebUrl } from '../../web-url.ts';
import { directivesOf, type PageDirectives } from './page-directives.ts';

export interface HtmlPage {
  /** After redirects. */
  readonly url: URL;
  readonly $: CheerioAPI;
  readonly directives: PageDirectives;
  /** Resolves a link of the page; undefined when it is not a web URL. */
  resolve(link: string | undefined): URL | undefined;
}

/**
 * Reads and parses a page. The encoding is determined as in browsers: byte order mark, Content-Type, `meta`, else UTF-8
 * (WHATWG, "encoding sniffing algorithm").
 * @throws JobError when the body cannot be received
 */
export async function readHtmlPage(response: HttpResponse): Promise<HtmlPage> {
  const bytes = await response.bytes();
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(response.headers.get('content-type') ?? '')?.[1];
  const $ = loadBuffer(bytes, {
    encoding: definedFields({ defaultEncoding: 'utf-8', transportLayerEncodingLabel: charset }),
  });
  const base = parseWebUrl($('base[href]').first().attr('href') ?? '', response.url.href) ?? response.url;
  return {
    url: response.url,
    $,
    directives: directivesOf(response.headers, $),
    resolve: (link = '') => parseWebUrl(link.trim(), base.href),
  };
}
