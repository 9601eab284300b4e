import { plainText } from '../../../text/plain-text.ts';
import { textOfElement } from './element-text.ts';
import { languageOf, type FeedItem, type ParsedFeed, type RejectedFeedItem } from './feed-item.ts';
import { outermostScope, type NamespaceScope } from './namespaces.ts';
import { authorOf, elementsByName, elementsOf, firstOf, linkOf, plainTextOf, readItem } from './read-item.ts';
import type { SplitFeed } from './split-items.ts';
import {
  declaredEntities,
  ItemLimitError,
  parseElement,
  type XmlContext,
  type XmlElement,
} from './xml-element.ts';

const TITLES = ['title', 'atom:title', 'dc:title', 'itunes:title'];
const LANGUAGES = ['language', 'dc:language'];
const AUTHORS = [
  'author',
  'atom:author',
  'managingeditor',
  'dc:creator',
  'googleplay:author',
  'itunes:author',
];

/** Reads an RSS or Atom feed that was cut into its items; each is parsed by itself. */
export function readXmlFeed(split: SplitFeed, url: string): Omit<ParsedFeed, 'invalidSequences'> {
  const isAtom = split.root === 'feed';
  const context = { ...scopeAndBase(split, url), entities: declaredEntities(split.prolog) };
  const frame = frameOf(split.frame, context);
  const channel = (frame && elementsOf(frame).find(({ name }) => name === 'channel')) ?? frame;
  const fields = channel === undefined ? new Map<string, XmlElement[]>() : elementsByName(channel);
  const author = firstOf(fields, AUTHORS, (element) => authorOf(element, isAtom));
  const itemContext = {
    ...context,
    scope: channel?.scope ?? context.scope,
    // An explicit base (XML Base) goes before the page that the feed belongs to.
    base: channel === undefined || channel.base === url ? (linkOf(fields) ?? url) : channel.base,
  };
  const items: FeedItem[] = [];
  const rejected: RejectedFeedItem[] = [];
  for (const [index, xml] of split.items.entries()) {
    const isCut = split.cutOff === 'within_item' && index === split.items.length - 1 && split.leftOut === 0;
    const read = isCut ? 'cut_off' : parsedItem(xml, itemContext);
    if (typeof read === 'string') rejected.push({ reason: read, detail: describeItem(xml, index) });
    else items.push(readItem(read, { isAtom, author }));
  }
  return {
    title: firstOf(fields, TITLES, (element) => textOfElement(element, { isAtom, isTitle: true })),
    language: languageOf(firstOf(fields, LANGUAGES, plainTextOf) ?? declaredLanguage([channel, frame])),
    ttlMinutes: ttlOf(firstOf(fields, ['ttl'], plainTextOf)),
    items,
    rejected,
    leftOut: split.leftOut,
    unclosed: split.unclosed,
    isCutOff: split.cutOff !== 'no',
  };
}

/** What the start tag of the feed declares, which is needed also where the rest of the frame cannot be parsed. */
function scopeAndBase({ root, frame }: SplitFeed, url: string): Pick<XmlContext, 'scope' | 'base'> {
  const outermost: NamespaceScope = outermostScope(root);
  const startTag = frame.slice(0, frame.indexOf('>') + 1);
  const element = parseElement(startTag, { scope: outermost, base: url, entities: new Map() });
  // Some feeds of RSS declare the namespace of Atom for everything.
  const prefix = root === 'rdf' ? undefined : /^(\w+):/.exec(element?.name ?? '')?.[1];
  return {
    scope: { declared: element?.scope.declared ?? outermost.declared, core: prefix ?? outermost.core },
    base: element?.base ?? url,
  };
}

function frameOf(xml: string, context: XmlContext): XmlElement | undefined {
  try {
    return parseElement(xml, context);
  } catch (thrown) {
    // Title and language are missing then; the items are not.
    if (thrown instanceof ItemLimitError) return undefined;
    throw thrown;
  }
}

function parsedItem(xml: string, context: XmlContext): XmlElement | RejectedFeedItem['reason'] {
  try {
    return parseElement(xml, context) ?? 'unreadable';
  } catch (thrown) {
    if (thrown instanceof ItemLimitError) return thrown.reason;
    throw thrown;
  }
}

/** Its number and the beginning of its title, so that a person finds it. */
function describeItem(xml: string, index: number): string {
  const beginning = xml.slice(0, MAX_SEARCHED_CHARACTERS);
  const title = /<title[^<>]{0,100}>(?:<!\[CDATA\[)?([^<]{1,200})/i.exec(beginning)?.[1]?.trim() ?? '';
  return `item ${String(index + 1)}${title === '' ? '' : ` (${plainText(title, MAX_SHOWN_CHARACTERS)})`}`;
}
const MAX_SEARCHED_CHARACTERS = 20_000;
const MAX_SHOWN_CHARACTERS = 80;

function declaredLanguage(elements: readonly (XmlElement | undefined)[]): string | undefined {
  return elements
    .map((element) => element?.attributes.get('xml:lang') ?? element?.attributes.get('lang'))
    .find((language) => language !== undefined);
}

function ttlOf(text: string | undefined): number | undefined {
  const minutes = Number(text ?? Number.NaN);
  return Number.isFinite(minutes) && minutes > 0 ? minutes : undefined;
}
