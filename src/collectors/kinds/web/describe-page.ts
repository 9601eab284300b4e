import type { CheerioAPI } from 'cheerio';

const MAX_CHARACTERS = 30;
const MAX_TITLE_CHARACTERS = 60;
/** Elements that selectors usually name, of pages with lists and with articles. */
const TYPICAL = 'h1, h2, h3, article, section, li, time, main, div[class], p[class]';
const SHOWN = 5;

/**
 * What a page has, for a person whose selector matches nothing there: its title, its most frequent elements with their
 * classes, its links. One line, of limited length.
 */
export function describePage($: CheerioAPI): string {
  const title = $('title').first().text().replaceAll(/\s+/g, ' ').trim().slice(0, MAX_TITLE_CHARACTERS);
  const elements = $(TYPICAL).toArray().map(nameOf);
  const links = $('a[href]').toArray();
  const linkPlaces = links.map(({ parent }) =>
    parent !== null && 'name' in parent ? `${nameOf(parent)} > a` : 'a',
  );
  const found = [
    `h1: ${$('h1').length === 0 ? 'none' : nameOf($('h1').get(0))}`,
    `elements: ${mostFrequent(elements) || 'none'}`,
    `${String(links.length)} links${links.length === 0 ? '' : `: ${mostFrequent(linkPlaces)}`}`,
  ];
  return `The page ${title === '' ? 'without a title' : `“${title}”`} has ${found.join('; ')}.`;
}

/** Tag and first class, as in a selector. */
function nameOf(
  element: { readonly name: string; readonly attribs: Readonly<Record<string, string>> } | undefined,
): string {
  if (element === undefined) return '';
  const [className = ''] = (element.attribs['class'] ?? '').trim().split(/\s+/, 1);
  return `${element.name}${className === '' ? '' : `.${className.slice(0, MAX_CHARACTERS)}`}`;
}

function mostFrequent(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN)
    .map(([name, count]) => (count === 1 ? name : `${name} ×${String(count)}`))
    .join(', ');
}
