const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Elements of running text, which titles contain as well. */
export const PHRASE_TAGS = words(`
  a abbr acronym b bdi bdo big blink br cite code del dfn em font i img ins kbd mark nobr q s samp small span strike
  strong sub sup time tt u var wbr`);

/** Elements that separate words. */
export const BLOCK_TAGS = words(`
  address article aside blockquote br caption center dd details dir div dl dt fieldset figcaption figure footer form h1 h2
  h3 h4 h5 h6 header hr li main menu nav ol option p pre section summary table tbody td tfoot th thead tr ul`);

/** Elements whose content is no text. */
export const HIDDEN_TAGS = words('noscript script style template');

/** All other elements of HTML, also those of older versions (WHATWG, "Index of elements" and "Obsolete features"). */
const OTHER_TAGS = words(`
  applet area audio base basefont bgsound body button canvas circle col colgroup data datalist dialog embed frame frameset g
  head hgroup html iframe input isindex keygen label legend link listing map marquee math meta meter noembed noframes object
  optgroup output param path picture plaintext progress rb rp rt rtc ruby search select slot source svg textarea title track
  video xmp`);

const ALL = [PHRASE_TAGS, BLOCK_TAGS, HIDDEN_TAGS, OTHER_TAGS];

/** Whether HTML has an element of this name, in lower case. */
export function isHtmlTag(name: string): boolean {
  return ALL.some((tags) => tags.has(name));
}

/** Elements without end tag, and those whose end tag is often left out. */
export const UNPAIRED_TAGS = words(
  'area base br col dd dt embed hr img input li link meta option p param source td th tr track wbr',
);

/** Elements that nobody writes without attributes and end tag, unless a text is about them. */
export const TOPIC_TAGS = words(
  'audio button canvas dialog embed form iframe input label noscript object script select style svg template textarea title video',
);
