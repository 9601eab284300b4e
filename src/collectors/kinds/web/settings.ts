import * as cheerio from 'cheerio';
import { z } from 'zod';
import { dateOrderSetting } from '../../publication-date.ts';
import { webUrlSchema } from '../../source-values.ts';

const selector = z.string().min(1).refine(isSelector, 'is not a CSS selector');

const fields = z.strictObject({
  title: selector.describe('CSS selector of the title.'),
  text: selector.optional().describe('CSS selector of the text; the texts of all matches are joined.'),
  date: selector
    .optional()
    .describe('CSS selector of the date: its attribute `datetime` or `content`, else its text.'),
  author: selector.optional().describe('CSS selector of the author.'),
});

const site = {
  name: z.string().min(1).max(100).optional().describe('The name of the site in reports. Default: the URL.'),
  url: webUrlSchema.describe('The page that lists the items.'),
  language: z
    .string()
    .min(2)
    .max(35)
    .optional()
    .describe('The language of the items (BCP 47), such as `fr`.'),
  dateOrder: dateOrderSetting,
};

const siteSchema = z.discriminatedUnion('take', [
  z
    .strictObject({
      ...site,
      take: z.literal('linked-pages').describe('Follow the links of the list page and collect each page.'),
      link: selector.describe('CSS selector of the links to follow, such as `article h2 a`.'),
      fields: fields
        .optional()
        .describe(
          'Where the fields are on the pages. Default: the JSON-LD of each page is read, or what reads like an article.',
        ),
    })
    .describe('A page with links to the pages of the items.'),
  z
    .strictObject({
      ...site,
      take: z.literal('list-items').describe('Collect the items from the list page itself.'),
      item: selector.describe('CSS selector of one item of the list page.'),
      link: selector
        .optional()
        .describe("CSS selector of the item's own link within the item. Default: its first link."),
      fields: fields.describe('Where the fields are within an item.'),
    })
    .describe('A page that contains the items in full.'),
  z
    .strictObject({
      ...site,
      take: z.literal('json-ld').describe('Collect the articles that the page itself describes as JSON-LD.'),
    })
    .describe('A page whose JSON-LD describes articles.'),
]);

export const webSettingsSchema = z.strictObject({
  sites: z.array(siteSchema).min(1).max(100).describe('The list pages; each is a part of the run.'),
  dateOrder: dateOrderSetting,
  delaySeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(2)
    .describe(
      'Delay between two requests to one host; at least 1, and at least the crawl delay in robots.txt.',
    ),
  maxPagesPerRun: z
    .int()
    .min(1)
    .max(5000)
    .default(100)
    .describe('The most item pages that one run requests, over all sites; the next run continues.'),
  maxPageBytes: z
    .int()
    .min(1024)
    .max(20 * 1024 * 1024)
    .default(2 * 1024 * 1024)
    .describe('The largest page, in bytes; larger ones are rejected.'),
});

export type WebSettings = z.infer<typeof webSettingsSchema>;
export type WebSite = z.infer<typeof siteSchema>;
export type WebFields = z.infer<typeof fields>;

export const MAY_HAVE_CHANGED = 'The site may have changed: check its selectors in sources.yaml.';

export function siteName({ name, url }: WebSite): string {
  return name ?? url;
}

function isSelector(text: string): boolean {
  try {
    cheerio.load('')(text);
    return true;
  } catch {
    return false;
  }
}
