import { load } from 'cheerio';

/** Elements that stand apart from the words around them. */
const BLOCKS = 'p, div, br, li, ul, ol, tr, td, th, h1, h2, h3, h4, h5, h6, blockquote, figcaption';

/** The words of a piece of HTML, as titles and summaries of feeds are; plain text comes out as it is. */
export function htmlToText(html: string): string {
  if (!/[<&]/.test(html)) return html;
  const document = load(html, undefined, false);
  document('script, style, template, iframe, noscript').remove();
  document(BLOCKS).after(' ').before(' ');
  return document.root().text();
}

/** The beginning of a text, cut between characters; a cut is marked by an ellipsis. */
export function shortened(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text;
  return maxCharacters === 0
    ? ''
    : `${text
        .slice(0, maxCharacters - 1)
        .toWellFormed()
        .trimEnd()}…`;
}
