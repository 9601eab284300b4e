import { decodeHTMLStrict } from 'entities';
import { plainText } from '../../../text/plain-text.ts';

/** The beginnings of files that servers send instead of a feed. */
const FILE_TYPES = [
  ['PK\u0003\u0004', 'a ZIP archive'],
  ['%PDF', 'a PDF document'],
  ['\u0089PNG', 'a picture'],
  ['GIF8', 'a picture'],
  ['\u00ff\u00d8\u00ff', 'a picture'],
  ['ID3', 'an audio file'],
] as const;
/** Only the beginning is looked at. */
const MAX_CHARACTERS = 64 * 1024;

/**
 * What came instead of a feed, for a message: `an HTML page titled "Before you continue"`.
 * @param text the decoded content
 */
export function describeContent(bytes: Uint8Array, text: string): string {
  const start = Buffer.from(bytes.subarray(0, 512)).toString('latin1');
  const fileType = FILE_TYPES.find(([mark]) => start.startsWith(mark));
  if (fileType !== undefined) return fileType[1];
  const beginning = text.slice(0, MAX_CHARACTERS).trim();
  if (beginning === '') return bytes.length === 0 ? 'an empty response' : 'a response of white space';
  if (beginning.includes('\0')) return 'binary data';
  if (/^[[{]/.test(beginning)) return 'JSON, but not a JSON Feed';
  if (/<(?:html|head|body|!doctype\s{1,20}html)[\s>]/i.test(beginning)) {
    const title = /<title[^<>]{0,200}>([^<]{1,500})/i.exec(beginning)?.[1]?.trim() ?? '';
    const page =
      title === '' ? 'an HTML page without title' : `an HTML page titled ${quoted(decodeHTMLStrict(title))}`;
    const feed = feedNamedIn(beginning);
    return feed === undefined ? page : `${page}, which names the feed ${feed}`;
  }
  const element = /<([a-z_][\w:.-]{0,60})[\s/>]/i.exec(beginning)?.[1];
  if (beginning.startsWith('<') && element !== undefined) return `XML with the root element <${element}>`;
  return `a text that begins with ${quoted(beginning)}`;
}

/** The address of the feed that a page belongs to, as it is written there. */
function feedNamedIn(html: string): string | undefined {
  const links = html.match(/<link\s[^<>]{1,1000}>/gi) ?? [];
  const link = links.find((each) =>
    /type\s*=\s*["']?application\/(?:rss\+xml|atom\+xml|feed\+json)/i.test(each),
  );
  const address = /href\s*=\s*["']([^"'<>\s]+)/i.exec(link ?? '')?.[1];
  return address === undefined ? undefined : plainText(decodeHTMLStrict(address), 200);
}

function quoted(text: string): string {
  return `"${plainText(text, 80)}"`;
}
