/** The text of a feed of XML, cut into its items, so that a mistake in one of them ends with it. */
export interface SplitFeed {
  /** The outermost element. */
  readonly root: RootName;
  /** What stands before it: the declaration and the document type. */
  readonly prolog: string;
  /** What stands outside of the items: the feed itself, with its title and its namespaces. */
  readonly frame: string;
  /** Each with its tags, in the order of the feed. */
  readonly items: readonly string[];
  /** The number of items beyond `maxItems`. */
  readonly leftOut: number;
  /** Items without end tag, or with a section without end, although others or the end of the feed follow. */
  readonly unclosed: number;
  /** The end tag of the feed is missing; where the feed ends within an item, that is the last one of `items`. */
  readonly cutOff: 'no' | 'between_items' | 'within_item';
}

export type RootName = 'rss' | 'rdf' | 'feed';

/** The beginnings of sections in which tags are text, and the tags that structure a feed. */
const MARKS = /<!\[CDATA\[|<!--|<(\/?)((?:[\w.-]{1,40}:)?(?:item|entry|channel|rss|rdf|feed))(?=[\s/>]|$)/gi;

/** Some old feeds begin with their channel. */
const ROOT_BY_TAG = new Map<string, RootName>([
  ['rss', 'rss'],
  ['channel', 'rss'],
  ['rdf', 'rdf'],
  ['feed', 'feed'],
]);

/** @returns undefined when the text has no outermost element of a feed. */
export function splitItems(xml: string, maxItems: number): SplitFeed | undefined {
  const splitter = new Splitter(xml, maxItems);
  for (const match of xml.matchAll(MARKS)) splitter.take(match[0], match[2]?.toLowerCase(), match.index);
  return splitter.end();
}

/** Takes the marks of a feed from its beginning to its end. */
class Splitter {
  readonly #xml: string;
  readonly #maxItems: number;
  #root: { readonly name: RootName; readonly start: number } | undefined;
  /** The name of the items with their prefix: that of the first one. */
  #itemName: string | undefined;
  /** A CDATA section or comment. */
  #section:
    { readonly start: number; readonly mark: string; readonly end: number; isQuotation: boolean } | undefined;
  readonly #frame: string[] = [];
  readonly #items: string[] = [];
  /** Ends of sections that are not there any more; searching again each time would be quadratic. */
  readonly #absent = new Set<string>();
  #leftOut = 0;
  #unclosed = 0;
  #isEnded = false;
  /** The item that is open, in pieces. */
  #open: { readonly pieces: string[]; isSound: boolean } | undefined;
  /** Up to here the text is in a piece. */
  #at = 0;

  constructor(xml: string, maxItems: number) {
    this.#xml = xml;
    this.#maxItems = maxItems;
  }

  /** @param name of a tag with its prefix; undefined at the beginning of a section */
  take(mark: string, name: string | undefined, index: number): void {
    if (name === undefined) {
      this.#beginSection(mark, index);
      return;
    }
    const isEndTag = mark.startsWith('</');
    if (this.#isInSection(name, isEndTag, index)) return;
    const local = name.slice(name.indexOf(':') + 1);
    if (this.#root === undefined) {
      const root = ROOT_BY_TAG.get(local);
      if (isEndTag || root === undefined) return;
      this.#root = { name: root, start: index };
      this.#at = index;
    } else if (local === (this.#root.name === 'feed' ? 'entry' : 'item')) {
      this.#itemName ??= name;
      if (name === this.#itemName) this.#takeItemTag(isEndTag, index);
    } else if (isEndTag && local === this.#root.name) {
      if (this.#open !== undefined) this.#closeItem(index, true);
      this.#isEnded = true;
    } else if (isEndTag && local === 'channel' && this.#root.name === 'rss') {
      this.#isEnded ||= this.#open === undefined;
    }
  }

  #takeItemTag(isEndTag: boolean, index: number): void {
    const tagEnd = this.#xml.indexOf('>', index) + 1 || this.#xml.length;
    if (isEndTag) {
      if (this.#open !== undefined) this.#closeItem(tagEnd, false);
      return;
    }
    if (this.#open !== undefined) this.#closeItem(index, true);
    this.#frame.push(this.#xml.slice(this.#at, index));
    this.#at = index;
    this.#open = { pieces: [], isSound: true };
    this.#isEnded = false;
    if (this.#xml.charAt(tagEnd - 2) === '/') this.#closeItem(tagEnd, false);
  }

  #closeItem(end: number, isUnclosed: boolean): void {
    const { pieces, isSound } = this.#open ?? { pieces: [], isSound: true };
    if (isUnclosed || !isSound) this.#unclosed += 1;
    if (this.#items.length >= this.#maxItems) this.#leftOut += 1;
    else this.#items.push([...pieces, this.#xml.slice(this.#at, end)].join(''));
    this.#open = undefined;
    this.#at = end;
  }

  #beginSection(mark: string, start: number): void {
    if (this.#section !== undefined && start < this.#section.end) return;
    const end = this.#endOfSection(mark, start);
    if (end === undefined) this.#dropMark(start, mark);
    else this.#section = { start, mark, end, isQuotation: false };
  }

  /** A comment cannot contain another one (XML 1.0, section 2.5): the first of two has no end of its own. */
  #endOfSection(mark: string, start: number): number | undefined {
    const from = start + mark.length;
    const endMark = mark === '<!--' ? '-->' : ']]>';
    if (this.#absent.has(endMark)) return undefined;
    const next = mark === '<!--' ? this.#xml.indexOf(mark, from) : -1;
    const end = (next === -1 ? this.#xml : this.#xml.slice(0, next)).indexOf(endMark, from);
    if (end !== -1) return end;
    if (next === -1) this.#absent.add(endMark);
    return undefined;
  }

  /**
   * Whether a tag is text in a section. A section in which items end before one begins has no end of its own: it would
   * hide the items up to the end of another section.
   */
  #isInSection(name: string, isEndTag: boolean, index: number): boolean {
    const section = this.#section;
    if (section === undefined || index >= section.end) return false;
    const endsItem = isEndTag && this.#open !== undefined && name === this.#itemName;
    section.isQuotation ||= !endsItem;
    if (section.isQuotation) return true;
    this.#dropMark(section.start, section.mark);
    this.#section = undefined;
    return false;
  }

  /** Without its beginning, the content of a section is read as elements. */
  #dropMark(start: number, mark: string): void {
    if (this.#open !== undefined) this.#open.isSound = false;
    (this.#open?.pieces ?? this.#frame).push(this.#xml.slice(this.#at, start));
    this.#at = start + mark.length;
  }

  end(): SplitFeed | undefined {
    if (this.#root === undefined) return undefined;
    const cutOff = this.#open !== undefined ? 'within_item' : this.#isEnded ? 'no' : 'between_items';
    if (this.#open === undefined) this.#frame.push(this.#xml.slice(this.#at));
    else this.#closeItem(this.#xml.length, false);
    return {
      root: this.#root.name,
      prolog: this.#xml.slice(0, this.#root.start),
      frame: this.#frame.join(''),
      items: this.#items,
      leftOut: this.#leftOut,
      unclosed: this.#unclosed,
      cutOff,
    };
  }
}
