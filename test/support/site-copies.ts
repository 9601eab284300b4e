/** Pages and feeds in the form in which kinds of sites write them, by address without protocol. */
export const SITE_COPIES = new Map<string, { readonly type: string; readonly body: string }>();

const copy = (address: string, type: string, body: string) => SITE_COPIES.set(address, { type, body });
const rss = (namespaces: string, items: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" ${namespaces}><channel><title>T</title>` +
  `<link>https://news.example.org/</link><description>D</description>${items}</channel></rss>`;
const html = (body: string, head = '') =>
  `<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>T</title>${head}</head><body>${body}</body></html>`;
const jsonLd = (data: unknown) => `<script type="application/ld+json">${JSON.stringify(data)}</script>`;

for (const [name, count] of [
  ['une', 2],
  ['culture', 1],
] as const) {
  const items = Array.from({ length: count }, (_value, index) => {
    const link = `https://news.example.org/${name}/${String(index)}.html`;
    return `<item><title><![CDATA[L'actualité ${name} ${String(index)}]]></title><link>${link}#xtor=RSS-3</link>
      <description><![CDATA[<p>Un résumé &amp; rien d'autre.</p>]]></description><guid isPermaLink="true">${link}</guid>
      <pubDate>Sat, 21 Nov 2026 10:0${String(index)}:00 +0100</pubDate></item>`;
  });
  copy(`news.example.org/rss/${name}.xml`, 'application/rss+xml; charset=utf-8', rss('', items.join('')));
}

copy(
  'blog.example.org/feed/',
  'application/rss+xml; charset=UTF-8',
  rss(
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"',
    `<item><title>Un billet</title><link>https://blog.example.org/un-billet/</link><dc:creator>Amina</dc:creator>
     <pubDate>03/04/2026</pubDate><guid isPermaLink="false">https://blog.example.org/?p=12</guid>
     <description>Le début…</description><content:encoded><![CDATA[<p>Le début et la fin.</p>]]></content:encoded></item>`,
  ),
);

copy(
  'podcast.example.org/feed.xml',
  'text/xml',
  rss(
    'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"',
    `<item><title>Épisode 1</title><guid isPermaLink="false">ep-1</guid><itunes:duration>00:30:05</itunes:duration>
     <pubDate>Fri, 20 Nov 2026 06:00:00 GMT</pubDate><description>Le premier.</description>
     <enclosure url="https://cdn.example.org/ep1.mp3?token=1" type="audio/mpeg" length="1000"/></item>`,
  ),
);

copy(
  'www.youtube.example/feeds/videos.xml',
  'text/xml; charset=UTF-8',
  `<feed xmlns:yt="http://www.youtube.com/xml/schemas/2015" xmlns:media="http://search.yahoo.com/mrss/"
    xmlns="http://www.w3.org/2005/Atom"><title>A channel</title><entry><id>yt:video:abcdefghijk</id>
    <yt:videoId>abcdefghijk</yt:videoId><title>La vidéo</title>
    <link rel="alternate" href="https://www.youtube.com/watch?v=abcdefghijk"/>
    <published>2026-11-20T10:00:00+00:00</published><updated>2026-11-21T10:00:00+00:00</updated>
    <media:group><media:title>La vidéo</media:title><media:description>Ce qu'on y voit.</media:description></media:group>
  </entry></feed>`,
);

copy(
  'github.example/owner/project/releases.atom',
  'application/atom+xml; charset=utf-8',
  `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-US">
    <title>Release notes</title><entry><id>tag:github.com,2008:Repository/1/v1.2.0</id>
    <updated>2026-11-19T08:00:00Z</updated><link rel="alternate" type="text/html" href="https://github.com/o/p/releases/tag/v1.2.0"/>
    <title>v1.2.0</title><content type="html">&lt;h2&gt;Fixed&lt;/h2&gt;&lt;p&gt;List&amp;lt;String&amp;gt; is kept.&lt;/p&gt;</content>
  </entry></feed>`,
);

copy(
  'social.example/@amina.rss',
  'application/rss+xml; charset=utf-8',
  rss(
    'xmlns:media="http://search.yahoo.com/mrss/"',
    `<item><guid isPermaLink="true">https://social.example/@amina/1</guid><link>https://social.example/@amina/1</link>
     <pubDate>Thu, 19 Nov 2026 12:00:00 +0000</pubDate><description>&lt;p&gt;Bonjour à tous&lt;/p&gt;</description></item>`,
  ),
);

copy(
  'notes.example.org/feed.json',
  'application/feed+json',
  JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: 'Notes',
    items: [
      {
        id: '1',
        url: 'https://notes.example.org/1',
        title: 'Une note',
        content_text: 'Le texte.',
        date_published: '2026-11-18T09:00:00+01:00',
      },
    ],
  }),
);

copy(
  'members.example.org/feed',
  'application/rss+xml',
  rss('', '<item><title>Pour les membres</title><link>https://members.example.org/1</link></item>'),
);

copy(
  'paper.example.org/',
  'text/html; charset=utf-8',
  html('<article><h2><a href="article-1.html">Le premier</a></h2></article><a href="about.html">About</a>'),
);
copy(
  'paper.example.org/article-1.html',
  'text/html; charset=utf-8',
  html(
    '<h1>Le premier</h1>',
    jsonLd({
      '@context': 'https://schema.org',
      '@graph': [
        { '@type': 'WebSite', name: 'A newspaper' },
        {
          '@type': ['NewsArticle'],
          headline: 'Le premier article',
          articleBody: 'Tout le texte.',
          datePublished: '2026-11-20T08:00:00+01:00',
          author: { '@type': 'Person', name: 'A. Auteur' },
        },
      ],
    }),
  ),
);

copy(
  'city.example.org/news',
  'text/html',
  html('<ul class="news-list"><li><a class="title" href="/city.example.org/news/12">Le marché</a></li></ul>'),
);
copy(
  'city.example.org/news/12',
  'text/html',
  html(
    `<h1>Le marché rouvre</h1><span class="published">vendredi 03/04/2026</span><span class="author">La mairie</span>
     <div class="body"><p>Le marché rouvre lundi.</p><p>Venez nombreux.</p></div>`,
  ),
);

copy(
  'office.example.org/announcements',
  'text/html',
  html(
    ['Un avis', 'Un autre']
      .map(
        (title, index) =>
          `<div class="announcement"><h3>${title}</h3><time datetime="2026-11-1${String(index)}">hier</time>
           <p class="summary">Le texte de l'avis.</p><a class="more" href="a${String(index)}.html">lire</a></div>`,
      )
      .join(''),
  ),
);

copy(
  'magazine.example.org/',
  'text/html',
  html(
    '',
    jsonLd({
      '@context': 'https://schema.org',
      '@type': 'ItemList',
      itemListElement: ['Un', 'Deux'].map((headline, index) => ({
        '@type': 'Article',
        headline,
        url: `https://magazine.example.org/${String(index)}`,
        articleBody: `Le texte ${headline}.`,
        datePublished: '2026-11-17',
      })),
    }),
  ),
);
