import * as cheerio from 'cheerio';
import { z } from 'zod';

const address = z
  .string()
  .refine(
    (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
    'is not an address of http or https',
  );

const selector = z.string().min(1).refine(isSelector, 'is not a CSS selector');

const fields = z.strictObject({
  title: selector.describe('CSS selector of the title.'),
  text: selector
    .optional()
    .describe('CSS selector of the text; the texts of all its matches are put together.'),
  date: selector
    .optional()
    .describe('CSS selector of the date: its attribute `datetime` or `content`, else its text (ISO 8601).'),
  author: selector.optional().describe('CSS selector of the author.'),
});

const site = {
  name: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Name of the part in reports; the address if left out.'),
  url: address.describe('The page that lists the items.'),
  language: z.string().min(2).max(35).optional().describe('Language of the items (BCP 47), such as `fr`.'),
};

const siteSchema = z.discriminatedUnion('take', [
  z
    .strictObject({
      ...site,
      take: z.literal('linked-pages').describe('Follow links of the list and read each page.'),
      link: selector.describe('CSS selector of the links to follow, such as `article h2 a`.'),
      fields: fields
        .optional()
        .describe('Where the pages have what is taken; without it the JSON-LD of each page is read.'),
    })
    .describe('A page with links to the pages of the items.'),
  z
    .strictObject({
      ...site,
      take: z.literal('list-items').describe('Take the items from the list itself.'),
      item: selector.describe('CSS selector of one item of the list.'),
      link: selector
        .optional()
        .describe("CSS selector of the item's own address within the item; its first link if left out."),
      fields: fields.describe('Where an item has what is taken, by selectors within it.'),
    })
    .describe('A page that has the items in full.'),
  z
    .strictObject({
      ...site,
      take: z.literal('json-ld').describe('Take the articles that the page itself describes as JSON-LD.'),
    })
    .describe('A page whose JSON-LD describes articles.'),
]);

/** Settings of the kind `web` in sources.yaml. */
export const webSettingsSchema = z.strictObject({
  sites: z.array(siteSchema).min(1).max(100).describe('Pages to begin from; each is a part of the run.'),
  delaySeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(2)
    .describe('Pause between two requests to one host; at least 1, and what robots.txt asks for.'),
  maxPagesPerRun: z
    .int()
    .min(1)
    .max(5000)
    .default(100)
    .describe('Pages of items that one run asks for, over all sites; the rest follows in the next run.'),
  maxPageBytes: z
    .int()
    .min(1024)
    .max(20 * 1024 * 1024)
    .default(2 * 1024 * 1024)
    .describe('A larger page is left out.'),
});

export type WebSettings = z.infer<typeof webSettingsSchema>;
/** One page to begin from. */
export type WebSite = z.infer<typeof siteSchema>;
/** Selectors of what is taken. */
export type WebFields = z.infer<typeof fields>;

/** What a site is called in the results of a run. */
export function nameOfSite({ name, url }: WebSite): string {
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
