/** Prefixes that stand for the namespaces of feeds, whatever prefix a feed declares for them. */
const PREFIX_BY_NAMESPACE = new Map([
  ['www.w3.org/2005/atom', 'atom'],
  ['purl.org/atom/ns', 'atom'],
  ['purl.org/rss/1.0', 'rss'],
  ['my.netscape.com/rdf/simple/0.9', 'rss'],
  ['channel.netscape.com/rdf/simple/0.9', 'rss'],
  ['backend.userland.com/rss', 'rss'],
  ['backend.userland.com/rss2', 'rss'],
  ['blogs.law.harvard.edu/tech/rss', 'rss'],
  ['purl.org/dc/elements/1.0', 'dc'],
  ['purl.org/dc/elements/1.1', 'dc'],
  ['purl.org/dc/terms', 'dcterms'],
  ['purl.org/rss/1.0/modules/content', 'content'],
  ['search.yahoo.com/mrss', 'media'],
  ['video.search.yahoo.com/mrss', 'media'],
  ['www.rssboard.org/media-rss', 'media'],
  ['www.itunes.com/dtds/podcast-1.0.dtd', 'itunes'],
  ['example.com/dtds/podcast-1.0.dtd', 'itunes'],
  ['www.google.com/schemas/play-podcasts/1.0', 'googleplay'],
  ['www.w3.org/1999/xhtml', 'xhtml'],
  ['www.w3.org/1999/02/22-rdf-syntax-ns', 'rdf'],
]);

/** What the names of elements mean at one place of a feed. */
export interface NamespaceScope {
  /** Namespaces by declared prefix; that of names without prefix under the empty text. */
  readonly declared: ReadonlyMap<string, string>;
  /** The usual prefix of the namespace that needs none here: that of the outermost element. */
  readonly core: string;
}

/** The scope of the outermost element of a feed, before its own declarations. */
export function outermostScope(root: 'rss' | 'rdf' | 'feed'): NamespaceScope {
  return { declared: new Map(), core: root === 'feed' ? 'atom' : 'rss' };
}

/** The scope within an element, with the declarations among its attributes. */
export function scopeWithin(scope: NamespaceScope, attributes: ReadonlyMap<string, string>): NamespaceScope {
  let declared: Map<string, string> | undefined;
  for (const [name, value] of attributes) {
    if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
    declared ??= new Map(scope.declared);
    declared.set(name.slice('xmlns:'.length), value);
  }
  return declared === undefined ? scope : { ...scope, declared };
}

/**
 * The name of an element as this program writes it: `title`, `dc:creator`, `media:group`. Feeds often
 * misspell a namespace or do not declare it, so that a prefix then means what it usually means.
 */
export function canonicalName(name: string, { declared, core }: NamespaceScope): string {
  const [local = '', prefix = ''] = name.split(':', 2).reverse();
  const namespace = declared.get(prefix)?.trim().toLowerCase() ?? '';
  const known = PREFIX_BY_NAMESPACE.get(namespace.replace(/^https?:\/\//, '').replace(/[/#]$/, ''));
  const usual = known ?? prefix;
  return usual === '' || usual === core ? local : `${usual}:${local}`;
}
