import { xml, xmlDocument } from '../../text/xml.ts';

/** An entry of an OPML document. */
export interface OpmlFeed {
  readonly title: string;
  readonly feedUrl: string;
  /** The page of the playlist at its source. */
  readonly link: string;
}

/** A list of feeds that players import (OPML 2.0). */
export function renderOpml(title: string, feeds: readonly OpmlFeed[]): string {
  return xmlDocument(xml`<opml version="2.0">
<head><title>${title}</title></head>
<body>
${feeds.map(
  ({ title: text, feedUrl, link }) =>
    xml`<outline type="rss" text="${text}" title="${text}" xmlUrl="${feedUrl}" htmlUrl="${link}"/>\n`,
)}</body>
</opml>`);
}
