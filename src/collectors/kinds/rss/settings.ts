import { z } from 'zod';
import { webUrlSchema } from '../../source-values.ts';
import { dateOrderSetting } from '../../publication-date.ts';
import { areDistinct } from '../../sources-schema.ts';

const feedSchema = z.strictObject({
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('The name of the feed in reports. Default: its address.'),
  url: webUrlSchema.describe('The address of the feed.'),
  id: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Identifies the feed when its URL changes: set it to the old URL, and known episodes stay known. Default: the URL.',
    ),
  dateOrder: dateOrderSetting,
});

export const rssSettingsSchema = z
  .strictObject({
    feeds: z
      .array(z.union([webUrlSchema.transform((url) => toFeed({ url })), feedSchema.transform(toFeed)]))
      .min(1)
      .max(200)
      .refine(
        (feeds) => areDistinct(feeds.map(({ name }) => name)),
        'contains two feeds with the same name: give each one a name',
      )
      .refine((feeds) => areDistinct(feeds.map(({ url }) => url)), 'contains a URL twice')
      .refine((feeds) => areDistinct(feeds.map(({ id, url }) => id ?? url)), 'contains an id twice')
      .describe(
        'The feeds, each as its address or with a name. When one fails, the others are still collected.',
      ),
    dateOrder: dateOrderSetting,
    audioEnclosures: z
      .boolean()
      .default(false)
      .describe('Whether the audio pipeline archives episodes (enclosures of the type audio/*).'),
    maxItemsPerFeed: z
      .int()
      .min(1)
      .max(20_000)
      .default(2_000)
      .describe('The most items of one feed; further ones are left out.'),
    maxFeedBytes: z
      .int()
      .min(1_024)
      .max(64 * 1024 ** 2)
      .default(8 * 1024 ** 2)
      .describe('The largest feed, in bytes after decompression; larger ones are refused.'),
    maxSummaryCharacters: z
      .int()
      .min(0)
      .max(10_000)
      .default(2_000)
      .describe(
        'Longer summaries are cut, because some feeds put whole articles there. An item without summary has the beginning of its body instead.',
      ),
  })
  .describe(
    'Collects RSS, Atom and JSON feeds. Only title, summary (cut to maxSummaryCharacters), link and date of an item are stored, never the whole text of an article: publishers such as Le Monde do not allow more, and some allow personal use only. Read the terms of each feed before you publish collected items.',
  );

export type RssSettings = z.output<typeof rssSettingsSchema>;
export type FeedSettings = RssSettings['feeds'][number];

/** Without a name it is called by its address, without the query, which may contain a secret. */
function toFeed({ url, name, ...others }: z.output<typeof feedSchema>) {
  const { host, pathname } = new URL(url);
  return { ...others, url, name: name ?? `${host}${pathname === '/' ? '' : pathname}`.slice(0, 100) };
}
