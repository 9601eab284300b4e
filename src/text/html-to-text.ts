import { decodeHTMLStrict } from 'entities';
import { BLOCK_TAGS, HIDDEN_TAGS, isHtmlTag, PHRASE_TAGS, TOPIC_TAGS, UNPAIRED_TAGS } from './html-tags.ts';

/** Attributes that are written without a value. */
const BOOLEAN_ATTRIBUTE =
  /^(?:allowfullscreen|async|autoplay|compact|controls|defer|hidden|loop|muted|noshade|nowrap)$/i;
/** Such as `o:p` of a word processor; `std::string` is a text about C++. */
const PREFIXED_NAME = /^[a-z][\w-]{0,20}:[a-z][\w-]{0,20}$/;

/**
 * The text of an HTML fragment from outside; a plain text is returned as it is. What only looks like a tag is text:
 * `a<b alors c`, `List<String>`, a tag that is cut off. Elements are removed with their tags only, `script` and its like
 * with their content. Entities are decoded once, and only with their semicolon, because `?a=1&copy=2` is text.
 *
 * The time is linear in the length, and no tree is built, so that no nesting is too deep.
 * @param options.isTitle the text is a title, which may be about `<script>` and `</script>`: tags without attributes are
 *   markup there only in pairs, and only those of running text and blocks
 */
export function htmlToText(html: string, options: { readonly isTitle?: boolean } = {}): string {
  if (!html.includes('<')) return decodeHTMLStrict(html);
  // Some feeds escape the CDATA section together with its content.
  const fragment = html.includes('<![CDATA[') ? html.replaceAll(/<!\[CDATA\[|\]\]>/g, '') : html;
  return decodeHTMLStrict(new Fragment(fragment, options.isTitle ?? false).withoutTags());
}

/** An HTML fragment, read once from its beginning to its end. */
class Fragment {
  readonly #html: string;
  readonly #isTitle: boolean;
  /** Elements that have an end tag. */
  readonly #ends = new Set<string>();
  /** Elements whose start tag was markup. */
  readonly #removed = new Set<string>();
  /** What was searched for and is not there any more; searching again each time would be quadratic. */
  readonly #absent = new Set<string>();

  constructor(html: string, isTitle: boolean) {
    this.#html = html;
    this.#isTitle = isTitle;
    for (const [, name = ''] of html.matchAll(/<\/([a-z][^\s<>/"'=]*)/gi)) this.#ends.add(name.toLowerCase());
  }

  withoutTags(): string {
    const html = this.#html;
    const parts: string[] = [];
    let at = 0;
    for (let start = html.indexOf('<'); start !== -1; start = html.indexOf('<', at)) {
      parts.push(html.slice(at, start));
      const { end, text } = this.#markupAt(start) ?? { end: start + 1, text: '<' };
      parts.push(text);
      at = end;
    }
    parts.push(html.slice(at));
    return parts.join('');
  }

  /** Where the markup that begins at `start` ends, and what stands for it; undefined when it is text. */
  #markupAt(start: number): { readonly end: number; readonly text: string } | undefined {
    const html = this.#html;
    if (html.startsWith('<!--', start)) return this.#until('-->', start + 2);
    if (/[!?]/.test(html.charAt(start + 1))) {
      return /[a-z]/i.test(html.charAt(start + 2)) ? this.#until('>', start) : undefined;
    }
    const isEnd = html.charAt(start + 1) === '/';
    const nameStart = start + (isEnd ? 2 : 1);
    const name = nameAt(html, nameStart).toLowerCase();
    if (name === '') return undefined;
    const end = endOfTag(html, nameStart + name.length);
    if (end === undefined) return undefined;
    const attributes = html.slice(nameStart + name.length, end - 1);
    if (!(isEnd ? this.#isEndTag(name) : this.#isStartTag(name, attributes))) return undefined;
    this.#removed.add(name);
    if (!isEnd && HIDDEN_TAGS.has(name)) return { end: this.#afterContent(name, end), text: '' };
    return { end, text: BLOCK_TAGS.has(name) ? ' ' : '' };
  }

  #isStartTag(name: string, attributes: string): boolean {
    const hasValues = attributes.includes('=');
    const words = hasValues ? [] : attributes.split(/[\s/]+/).filter((word) => word !== '');
    if (!words.every((word) => BOOLEAN_ATTRIBUTE.test(word))) return false;
    if (hasValues) return true;
    if (!isHtmlTag(name)) return PREFIXED_NAME.test(name);
    const isPaired = this.#ends.has(name) || UNPAIRED_TAGS.has(name);
    return this.#isTitle ? isPaired && isTitleTag(name) : isPaired || !TOPIC_TAGS.has(name);
  }

  #isEndTag(name: string): boolean {
    if (this.#removed.has(name)) return true;
    if (this.#isTitle) return false;
    return isHtmlTag(name) ? !TOPIC_TAGS.has(name) : PREFIXED_NAME.test(name);
  }

  /** The end of a hidden element; `from` when it has no end tag. */
  #afterContent(name: string, from: number): number {
    const endTag = `</${name}`;
    if (this.#absent.has(endTag)) return from;
    const pattern = new RegExp(endTag, 'gi');
    pattern.lastIndex = from;
    if (pattern.test(this.#html)) return this.#until('>', pattern.lastIndex)?.end ?? this.#html.length;
    this.#absent.add(endTag);
    return from;
  }

  #until(mark: string, from: number): { readonly end: number; readonly text: string } | undefined {
    if (this.#absent.has(mark)) return undefined;
    const at = this.#html.indexOf(mark, from);
    if (at === -1) this.#absent.add(mark);
    return at === -1 ? undefined : { end: at + mark.length, text: '' };
  }
}

const isTitleTag = (name: string) => PHRASE_TAGS.has(name) || BLOCK_TAGS.has(name);

const NAME = /[a-z][^\s<>/"'=]*/iy;

function nameAt(html: string, start: number): string {
  NAME.lastIndex = start;
  return NAME.exec(html)?.[0] ?? '';
}

const MARK = /[<>"']/g;
const ANGLE = /[<>]/g;

/**
 * The place after the `>` of a tag. A `<` in it is a mistake, except within quotes; where these are not in pairs, they
 * are not looked at. Any three tags that contain each other begin at different quotes, so that this is linear too.
 * @param from the end of its name
 */
function endOfTag(html: string, from: number): number | undefined {
  MARK.lastIndex = from;
  for (let found = MARK.exec(html); found !== null; found = MARK.exec(html)) {
    if (found[0] === '>') return MARK.lastIndex;
    if (found[0] === '<') break;
    const close = html.indexOf(found[0], MARK.lastIndex);
    if (close === -1) break;
    MARK.lastIndex = close + 1;
  }
  ANGLE.lastIndex = from;
  const next = ANGLE.exec(html);
  return next?.[0] === '>' ? ANGLE.lastIndex : undefined;
}
