import { loadBuffer } from 'cheerio';
import { definedFields } from '../../../domain/defined-fields.ts';
import type { HttpResponse } from '../../../runtime/http-client/http-client.ts';
import { parseWebUrl } from '../../canonical-form.ts';
import { directivesOf } from './page-directives.ts';

/**
 * Reads and parses a page. The encoding is determined as in browsers: byte order mark, Content-Type, `meta`, else UTF-8
 * (WHATWG, "encoding sniffing algorithm").
 * @throws JobError when the body cannot be received
 */
export async function readHtmlPage(response: HttpResponse) {
  const bytes = await response.bytes();
  const charset = /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(response.headers.get('content-type') ?? '')?.[1];
  const $ = loadBuffer(bytes, {
    encoding: definedFields({ defaultEncoding: 'utf-8', transportLayerEncodingLabel: charset }),
  });
  const base = parseWebUrl($('base[href]').first().attr('href') ?? '', response.url.href) ?? response.url;
  return {
    /** After redirects. */
    url: response.url,
    $,
    directives: directivesOf(response.headers, $),
    /** Resolves a link of the page; undefined when it is not a web URL. */
    resolve: (link = '') => parseWebUrl(link.trim(), base.href),
  };
}

export type HtmlPage = Awaited<ReturnType<typeof readHtmlPage>>;
