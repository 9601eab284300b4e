import { isUtf8 } from 'node:buffer';
import { BLOCK_TAGS, HIDDEN_TAGS } from '../../../text/html-tags.ts';
import { htmlToText } from '../../../text/html-to-text.ts';
import type { XmlElement } from './xml-element.ts';

/** Longer texts are cut before they are read; the settings allow 10,000 characters of a summary. */
export const MAX_TEXT_CHARACTERS = 200_000;

/** The usual prefix of a name, and whether the text is a title. */
export interface TextOptions {
  readonly isTitle?: boolean;
  /** Whether the feed is Atom, where an element says what its text is; otherwise it may always be HTML. */
  readonly isAtom: boolean;
}

/**
 * The text of an element, without markup. In Atom `text` is literal, `html` is decoded once more, and `xhtml` is elements
 * (RFC 4287, section 3.1); Atom 0.3 says it with media types and `mode`, Media RSS with `plain` and `html`. RSS says
 * nothing, and most feeds write HTML in all of its texts.
 * @returns undefined when there is no text.
 */
export function textOfElement(element: XmlElement, options: TextOptions): string | undefined {
  const type = typeOf(element, options);
  const joined = joinedText(element).slice(0, MAX_TEXT_CHARACTERS);
  const raw =
    type === 'base64' || element.attributes.get('mode') === 'base64' ? textOfBase64(joined) : joined;
  const text = type === 'text' ? raw : htmlToText(raw, options);
  const trimmed = withoutWindowsCharacters(text).trim();
  return trimmed === '' ? undefined : trimmed;
}

type TextType = 'text' | 'html' | 'base64';

/** What the text is after the elements in it were read. */
function typeOf({ name, attributes, children }: XmlElement, { isAtom }: TextOptions): TextType {
  const type = attributes.get('type')?.trim().toLowerCase();
  const isMedia = name.startsWith('media:');
  // Other elements of Atom feeds belong to modules of RSS.
  if (!isMedia && !(isAtom && !name.includes(':')) && !name.startsWith('atom:')) return 'html';
  switch (type) {
    case 'html':
    case 'text/html':
      return 'html';
    case undefined:
    case 'text':
    case 'plain':
    case 'text/plain':
      return 'text';
    case 'xhtml':
    case 'application/xhtml+xml':
      return children.some((child) => typeof child !== 'string') ? 'text' : 'html';
    default:
      // RFC 4287, section 4.1.3.3: text/* is text, other types than XML are base64.
      return type.startsWith('text/') || type.endsWith('xml') || !type.includes('/') ? 'html' : 'base64';
  }
}

/** Empty when it is no text, such as a picture. */
function textOfBase64(encoded: string): string {
  const bytes = Buffer.from(encoded, 'base64');
  return isUtf8(bytes) ? bytes.toString() : '';
}

/** Feeds that take windows-1252 for Latin-1 have control characters where quotes and dashes should be. */
function withoutWindowsCharacters(text: string): string {
  return text.replaceAll(/[\u0080-\u009f]/g, (character) =>
    new TextDecoder('windows-1252').decode(Buffer.from(character, 'latin1')),
  );
}

/** The texts in an element in their order; elements that separate words leave a space. */
function joinedText({ children }: XmlElement): string {
  return children.map((child) => (typeof child === 'string' ? child : textOfChild(child))).join('');
}

function textOfChild(child: XmlElement): string {
  const tag = child.name.slice(child.name.indexOf(':') + 1);
  if (HIDDEN_TAGS.has(tag)) return '';
  const text = joinedText(child);
  return BLOCK_TAGS.has(tag) ? ` ${text} ` : text;
}
