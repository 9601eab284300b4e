import { decodeHTMLStrict } from 'entities';
import { Parser } from 'htmlparser2';
import { parseWebUrl } from '../../canonical-form.ts';
import { canonicalName, scopeWithin, type NamespaceScope } from './namespaces.ts';
import { repairedMarkup } from './repaired-markup.ts';

/** An element of a feed. */
export interface XmlElement {
  /** With the usual prefix of its namespace, as `canonicalName` makes it. */
  readonly name: string;
  /** By name in lower case, with the prefix that the feed uses. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Texts are decoded. */
  readonly children: readonly (XmlElement | string)[];
  /** What relative addresses in it refer to (XML Base). */
  readonly base: string;
  readonly scope: NamespaceScope;
}

/** An item that is not parsed, because it would take too much time or memory. */
export class ItemLimitError extends Error {
  readonly reason: 'too_deep' | 'too_large';
  constructor(reason: ItemLimitError['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/** Real items have up to some 30 levels and some 5,000 elements (articles as XHTML). */
const MAX_DEPTH = 200;
const MAX_ELEMENTS = 20_000;
export const MAX_ITEM_CHARACTERS = 2 * 1024 ** 2;

export interface XmlContext {
  readonly scope: NamespaceScope;
  readonly base: string;
  /** Entities that the document type declares. */
  readonly entities: ReadonlyMap<string, string>;
}

/**
 * Parses one item, or what stands outside of the items. Mistakes of the feed are repaired as far as possible: tags that
 * are not closed, `<` and `&` that are not escaped.
 * @returns the outermost element; undefined when there is none
 * @throws ItemLimitError
 */
export function parseElement(xml: string, context: XmlContext): XmlElement | undefined {
  if (xml.length > MAX_ITEM_CHARACTERS) throw new ItemLimitError('too_large');
  const first = parseOnce(xml, context);
  return first.isSound ? first.element : parseOnce(repairedMarkup(xml), context).element;
}

/** Elements of HTML that feeds contain without closing them; RSS has no elements of these names. */
const VOID_ELEMENTS = new Set(['br', 'hr', 'img', 'input', 'wbr']);

class FeedParser extends Parser {
  protected override isVoidElement(name: string): boolean {
    return VOID_ELEMENTS.has(name);
  }
}

/** Elements that contain no other field of an item; one that begins in them means that they are not closed. */
const LEAVES =
  /^(?:title|link|guid|pubdate|category|enclosure|comments|id|updated|published|language|ttl|atom:link|(?:dc|dcterms|itunes|googleplay):(?!category|owner|image)\w+|media:(?:thumbnail|title|description|credit|keywords|rating|text|copyright))$/;
const FIELDS =
  /^(?:author|description|summary|content|source|image|content:encoded|media:(?:content|group))$/;

interface OpenElement extends XmlElement {
  readonly children: (XmlElement | string)[];
}

function parseOnce(xml: string, context: XmlContext) {
  const open: { readonly tag: string; readonly element: OpenElement }[] = [];
  let element: XmlElement | undefined;
  let isSound = true;
  let isInCdata = false;
  let count = 0;
  let startTagEnd = -1;
  let attributes = new Map<string, string>();
  const decode = decoderOf(context.entities);
  const parser: Parser = new FeedParser(
    {
      onopentagname() {
        attributes = new Map();
      },
      onattribute(name, value) {
        if (value.includes('<')) isSound = false;
        if (!attributes.has(name)) attributes.set(name, decode(value));
      },
      onopentag(tag) {
        count += 1;
        if (open.length >= MAX_DEPTH) throw new ItemLimitError('too_deep');
        if (count > MAX_ELEMENTS) throw new ItemLimitError('too_large');
        const scope = scopeWithin(open.at(-1)?.element.scope ?? context.scope, attributes);
        const name = canonicalName(tag, scope);
        if (LEAVES.test(name) || FIELDS.test(name)) {
          while (LEAVES.test(open.at(-1)?.element.name ?? '')) open.pop();
        }
        const parent = open.at(-1)?.element;
        const outerBase = parent?.base ?? context.base;
        const base = parseWebUrl(attributes.get('xml:base') ?? '', outerBase)?.href ?? outerBase;
        const opened = { name, attributes, children: [], base, scope };
        parent?.children.push(opened);
        element ??= opened;
        open.push({ tag, element: opened });
        startTagEnd = parser.endIndex;
      },
      onclosetag(tag, isImplied) {
        const index = open.findLastIndex((each) => each.tag === tag);
        if (index !== -1) open.length = index;
        // The parser takes the end of `<a/>` for implied as well.
        if (isImplied && parser.endIndex !== startTagEnd) isSound = false;
      },
      oncdatastart() {
        isInCdata = true;
      },
      oncdataend() {
        isInCdata = false;
      },
      ontext(text) {
        open.at(-1)?.element.children.push(isInCdata ? text : decode(text));
      },
    },
    { xmlMode: true, decodeEntities: false, lowerCaseTags: true, lowerCaseAttributeNames: true },
  );
  parser.end(xml);
  return { element, isSound };
}

const MAX_EXPANSIONS = 1_000;

/**
 * Decodes a text or an attribute value once. Entities of HTML are decoded as well, because feeds use them without
 * declaring them; others only where the feed declares them.
 */
function decoderOf(entities: ReadonlyMap<string, string>): (text: string) => string {
  if (entities.size === 0) return decodeHTMLStrict;
  let expansions = 0;
  return (text) =>
    decodeHTMLStrict(
      text.replaceAll(/&([\w.-]{1,60});/g, (reference, name: string) => {
        const value = entities.get(name);
        if (value === undefined || expansions >= MAX_EXPANSIONS) return reference;
        expansions += 1;
        return value;
      }),
    );
}

/** The entities that a document type declares with a text of their own; their values are not decoded yet. */
export function declaredEntities(prolog: string): ReadonlyMap<string, string> {
  const declarations = prolog
    .slice(0, MAX_PROLOG_CHARACTERS)
    .matchAll(/<!ENTITY\s{1,20}([\w.-]{1,60})\s{1,20}(?:"([^"<]{0,200})"|'([^'<]{0,200})')/g);
  return new Map([...declarations].map(([, name = '', double, single]) => [name, double ?? single ?? '']));
}
const MAX_PROLOG_CHARACTERS = 64 * 1024;
