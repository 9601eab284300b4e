import type { CheerioAPI } from 'cheerio';
import { jsonrepair } from 'jsonrepair';
import { parseJson } from '../../../runtime/json.ts';

/** The time of jsonrepair grows with the square of the length where quotes are broken: 4 s for this much. */
const MAX_REPAIR_CHARACTERS = 100_000;
/** What hides the block from old browsers and XML, with or without the comment signs of JavaScript around it. */
const OPENINGS = ['<![CDATA[', '<!--'];
const CLOSINGS = [']]>', '-->'];

/**
 * The JSON-LD of a page, block by block. Blocks with the usual mistakes are repaired: CDATA sections, comments, line breaks
 * in texts, commas at the end, quotes that are not escaped. Others are left out.
 */
export function jsonLdBlocks($: CheerioAPI): unknown[] {
  let repairable = MAX_REPAIR_CHARACTERS;
  return $('script[type]')
    .toArray()
    .filter((script) => /^\s*application\/ld\+json\b/i.test($(script).attr('type') ?? ''))
    .flatMap((script) => {
      const raw = $(script).text();
      const text = withoutWrapping(raw);
      // Line breaks are not allowed in texts; outside of them they mean nothing.
      const parsed = parseJson(raw) ?? parseJson(text.replaceAll(/\p{Cc}/gu, ' '));
      if (parsed !== undefined) return [parsed];
      if (text.length > repairable) return [];
      repairable -= text.length;
      return [repaired(text)];
    });
}

function withoutWrapping(block: string): string {
  let text = withoutEnd(block.trim(), ';');
  for (const opening of OPENINGS) {
    const inner = withoutStart(withoutStart(text, '//'), '/*');
    if (inner.startsWith(opening)) text = withoutStart(withoutStart(inner, opening), '*/');
  }
  for (const closing of CLOSINGS) {
    const inComment = withoutEnd(text, '*/');
    const inner = withoutEnd(inComment, closing);
    if (inner !== inComment) text = withoutEnd(withoutEnd(inner, '//'), '/*');
  }
  return withoutEnd(text, ';');
}

function withoutStart(text: string, start: string): string {
  return (text.startsWith(start) ? text.slice(start.length) : text).trimStart();
}

function withoutEnd(text: string, end: string): string {
  return (text.endsWith(end) ? text.slice(0, -end.length) : text).trimEnd();
}

function repaired(text: string): unknown {
  try {
    return parseJson(jsonrepair(text));
  } catch {
    // It is nothing like JSON, or nested too deeply.
    return undefined;
  }
}
