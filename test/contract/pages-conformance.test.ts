import { describe, expect, test } from '@jest/globals';
import { readPage, type Wanted } from '../../src/collectors/kinds/web/read-page.ts';

/**
 * How pages describe their articles as JSON-LD (schema.org), with the mistakes that real pages make, in own words. The
 * cases follow public bug reports of other programs and the test pages of `@mozilla/readability`.
 */
const DATA = {
  '@type': 'NewsArticle',
  headline: 'The title',
  articleBody: 'The text.',
  datePublished: '2026-03-01',
};
const JSON_TEXT = JSON.stringify(DATA);

function articlesOf(html: string, wanted: Wanted = { type: 'json-ld' }) {
  return readPage(Buffer.from(html), {
    ...{ url: 'https://site.example/a', charset: 'utf-8', robotsTag: '', tdmReservation: '' },
    wanted,
  }).articles;
}

const inScript = (json: string, type = 'application/ld+json') => `<script type="${type}">${json}</script>`;
const OF_DATA = { title: 'The title', text: 'The text.', date: '2026-03-01' };

describe('a JSON-LD block is read', () => {
  test.each([
    ['plain', inScript(JSON_TEXT)],
    ['with a charset in its type', inScript(JSON_TEXT, 'application/LD+JSON; charset=utf-8')],
    ['in a CDATA section', inScript(`<![CDATA[${JSON_TEXT}]]>`)],
    ['in a CDATA section behind comment signs', inScript(`\n//<![CDATA[\n${JSON_TEXT}\n//]]>\n`)],
    ['in a CDATA section in a comment', inScript(`/*<![CDATA[*/${JSON_TEXT}/*]]>*/`)],
    ['in a comment of HTML', inScript(`<!-- ${JSON_TEXT} -->`)],
    ['in a comment of HTML behind comment signs', inScript(`<!--\n${JSON_TEXT}\n//-->`)],
    [
      'with comments',
      inScript(JSON_TEXT.replace('{', '{ /* by a plug-in */ ').replace(',', ', // the text\n')),
    ],
    ['with a semicolon at the end', inScript(`${JSON_TEXT};`)],
    ['with a comma at the end', inScript(JSON_TEXT.replace('}', ',}'))],
    ['in an array', inScript(`[${JSON_TEXT}]`)],
    ['in an array in an array', inScript(`[[{"@type":"WebSite"}],[${JSON_TEXT}]]`)],
    ['in @graph', inScript(`{"@context":"https://schema.org","@graph":[{"@type":"Person"},${JSON_TEXT}]}`)],
    ['in @graph as an object', inScript(`{"@graph":${JSON_TEXT}}`)],
    ['as mainEntity', inScript(`{"@type":"WebPage","mainEntity":${JSON_TEXT}}`)],
    [
      'with several types',
      inScript(JSON_TEXT.replace('"NewsArticle"', '["Thing","http://schema.org/NewsArticle"]')),
    ],
    ['after a broken one', `${inScript('{"@type":')}${inScript(JSON_TEXT)}`],
    ['with texts in arrays', inScript(JSON_TEXT.replace('"The title"', '["The title","Another"]'))],
    [
      'with tags and entities in its texts',
      inScript(JSON_TEXT.replace('The text', '<p>The&nbsp;text').replace('.', '.</p>')),
    ],
  ])('%s', (_case, html) => {
    const [article] = articlesOf(html);
    expect({ ...article, text: article?.text.replaceAll('\u00A0', ' ').trim() }).toMatchObject(OF_DATA);
  });

  test('with line breaks and tabs in texts', () => {
    const [article] = articlesOf(inScript(JSON_TEXT.replace('The text.', 'The\n\ttext.')));
    expect(article?.text.replaceAll(/\s+/g, ' ')).toBe('The text.');
  });

  test('with quotes that are not escaped', () => {
    const [article] = articlesOf(inScript(JSON_TEXT.replace('The text.', 'She said "yes" to me')));
    expect(article?.text).toBe('She said "yes" to me');
  });

  test('with an author that is named elsewhere in the graph', () => {
    const article = { ...DATA, author: { '@id': '#jane' } };
    const graph = { '@graph': [article, { '@type': 'Person', '@id': '#jane', name: 'Jane' }] };
    expect(articlesOf(inScript(JSON.stringify(graph)))[0]).toMatchObject({ author: 'Jane' });
  });
});

test('blocks that are nothing like JSON, or made to be slow, cost the page nothing else', () => {
  const slow = [
    '['.repeat(200_000),
    `{"a":"${'x"y'.repeat(200_000)}"}`,
    '<![CDATA['.repeat(50_000),
    `${' '.repeat(100_000)}/*`,
    '<p>hello</p>',
  ];
  const begun = performance.now();
  expect(articlesOf(`${slow.map((block) => inScript(block)).join('')}${inScript(JSON_TEXT)}`)).toHaveLength(
    1,
  );
  expect(performance.now() - begun).toBeLessThan(5000);
});

test('a block without a text is completed by what reads like an article', () => {
  const paragraphs = '<p>The market opened this morning, with fish, fruit, and many people.</p>'.repeat(4);
  const { articleBody: _text, ...data } = DATA;
  const [article] = articlesOf(`${inScript(JSON.stringify(data))}<main>${paragraphs}</main>`, {
    type: 'article',
  });
  expect(article).toMatchObject({
    title: 'The title',
    date: '2026-03-01',
    text: expect.stringContaining('fish'),
  });
});
