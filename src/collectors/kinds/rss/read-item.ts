import { parseWebUrl } from '../../canonical-form.ts';
import { parseDuration } from './duration.ts';
import { textOfElement } from './element-text.ts';
import { boundedDates, boundedId, isAudio, nameOf, type FeedItem } from './feed-item.ts';
import type { XmlElement } from './xml-element.ts';

/**
 * The elements of each field, the best first: those of RSS and Atom, then Dublin Core, content, Media RSS and iTunes, which
 * repeat them for other programs and often in another form. The first one that is not empty is taken.
 */
const TITLES = ['title', 'atom:title', 'dc:title', 'dcterms:title', 'media:title', 'itunes:title'];
const SUMMARIES = ['description', 'summary', 'atom:summary', 'dc:description', 'dcterms:abstract'];
const CONTENTS = [
  'content:encoded',
  'content',
  'atom:content',
  'xhtml:body',
  'xhtml:div',
  'body',
  'fullitem',
];
/** Stand for a summary where there is neither a summary nor a content. */
const DESCRIPTIONS = ['media:description', 'googleplay:description', 'itunes:summary', 'itunes:subtitle'];
const AUTHORS = ['author', 'atom:author', 'dc:creator', 'dc:author', 'googleplay:author', 'itunes:author'];
const DATES = [
  'pubdate',
  'published',
  'atom:published',
  'issued',
  'dc:date',
  'dcterms:issued',
  'dcterms:created',
  'date',
  'updated',
  'atom:updated',
  'modified',
  'dcterms:modified',
];

/** What an item takes from its feed. */
export interface ItemContext {
  readonly isAtom: boolean;
  readonly author: string | undefined;
}

/** One item of an RSS or Atom feed. */
export function readItem(item: XmlElement, { isAtom, author }: ItemContext): FeedItem {
  const elements = elementsByName(item);
  const text = (names: readonly string[], isTitle = false) =>
    firstOf(elements, names, (element) => textOfElement(element, { isAtom, isTitle }));
  const guidElement = elements.get('guid')?.[0];
  const guid = boundedId(firstOf(elements, ['guid', 'id', 'atom:id'], plainTextOf));
  const isPermanentLink = guidElement?.attributes.get('ispermalink')?.toLowerCase() !== 'false';
  const content = text(CONTENTS);
  const audio = audioOf(elements);
  return {
    guid,
    link: linkOf(elements) ?? (isPermanentLink ? parseWebUrl(guid ?? '')?.href : undefined),
    title: text(TITLES, true),
    summary: text(SUMMARIES) ?? (content === undefined ? text(DESCRIPTIONS) : undefined),
    content,
    dateTexts: boundedDates(DATES.flatMap((name) => (elements.get(name) ?? []).map(plainTextOf))),
    author: firstOf(elements, AUTHORS, (element) => authorOf(element, isAtom)) ?? author,
    audioUrl: audio?.url,
    durationSeconds:
      firstOf(elements, ['itunes:duration'], (element) => parseDuration(plainTextOf(element) ?? '')) ??
      parseDuration(audio?.duration ?? ''),
  };
}

type Elements = ReadonlyMap<string, readonly XmlElement[]>;

/** The elements of an item by name; those of Media RSS also from its groups, where YouTube has its texts. */
export function elementsByName(item: XmlElement): Elements {
  const found = new Map<string, XmlElement[]>();
  const add = (element: XmlElement) => {
    const others = found.get(element.name);
    if (others === undefined) found.set(element.name, [element]);
    else others.push(element);
  };
  const addAll = (parent: XmlElement) => {
    for (const child of elementsOf(parent)) add(child);
  };
  addAll(item);
  for (const name of ['media:group', 'media:content'])
    for (const group of [...(found.get(name) ?? [])]) addAll(group);
  return found;
}

export function elementsOf({ children }: XmlElement): XmlElement[] {
  return children.filter((child) => typeof child !== 'string');
}

/** The first value that one of the elements has, by the order of their names. */
export function firstOf<T>(
  elements: Elements,
  names: readonly string[],
  valueOf: (element: XmlElement) => T | undefined,
): T | undefined {
  for (const name of names) {
    for (const element of elements.get(name) ?? []) {
      const value = valueOf(element);
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

/** The text of an element that has no markup: an id, an address, a date. */
export function plainTextOf(element: XmlElement): string | undefined {
  const text = element.children
    .filter((child) => typeof child === 'string')
    .join('')
    .trim();
  return text === '' ? undefined : text;
}

/** RSS has the URL as text, Atom as an attribute of a link with `rel="alternate"` or without `rel`. */
export function linkOf(elements: Elements): string | undefined {
  return firstOf(elements, ['link', 'atom:link'], (link) => {
    const relation = link.attributes.get('rel')?.trim().toLowerCase();
    if (relation !== undefined && relation !== 'alternate') return undefined;
    const address = boundedId(link.attributes.get('href') ?? plainTextOf(link));
    return parseWebUrl(address ?? '', link.base)?.href;
  });
}

/** Atom has the name in an element of its own. */
export function authorOf(element: XmlElement, isAtom: boolean): string | undefined {
  const name = elementsOf(element).find((child) => /^(?:atom:)?name$/.test(child.name));
  return nameOf(textOfElement(name ?? element, { isAtom, isTitle: true }));
}

function audioOf(
  elements: Elements,
): { readonly url: string; readonly duration: string | undefined } | undefined {
  return firstOf(
    elements,
    ['enclosure', 'link', 'atom:link', 'media:content'],
    ({ name, attributes, base }) => {
      if (name.endsWith('link') && attributes.get('rel')?.trim().toLowerCase() !== 'enclosure')
        return undefined;
      const url = parseWebUrl(boundedId(attributes.get('url') ?? attributes.get('href')) ?? '', base);
      const type = attributes.get('type') ?? attributes.get('medium');
      if (url === undefined || !isAudio(type, url)) return undefined;
      return { url: url.href, duration: attributes.get('duration') };
    },
  );
}
