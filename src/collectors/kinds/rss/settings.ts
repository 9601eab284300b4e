import { z } from 'zod';

const feedSchema = z.object({
  name: z.string().trim().min(1).max(100).describe('Names the feed in reports.'),
  url: z.url({ protocol: /^https?$/ }).describe('The address of the RSS or Atom feed.'),
  id: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Keeps the episodes of a feed known when its address changes: set it to the old address. Default: the address.',
    ),
});

/** The settings of a source of the kind `rss`. */
export const rssSettingsSchema = z
  .object({
    feeds: z
      .array(feedSchema)
      .min(1)
      .max(200)
      .refine((feeds) => areDistinct(feeds.map(({ name }) => name)), 'has two feeds of one name')
      .refine((feeds) => areDistinct(feeds.map(({ url }) => url)), 'has one address twice')
      .refine((feeds) => areDistinct(feeds.map(({ id, url }) => id ?? url)), 'has one id twice')
      .describe('The feeds. When one of them fails the others go on.'),
    audioEnclosures: z
      .boolean()
      .default(false)
      .describe('Whether episodes (enclosures of the type audio/*) are archived by the audio pipeline.'),
    maxItemsPerFeed: z
      .int()
      .min(1)
      .max(20_000)
      .default(2_000)
      .describe('Further items of a feed are left out.'),
    maxFeedBytes: z
      .int()
      .min(1_024)
      .max(64 * 1024 ** 2)
      .default(8 * 1024 ** 2)
      .describe('A feed of more bytes, counted after decompression, is refused.'),
    maxSummaryCharacters: z
      .int()
      .min(0)
      .max(10_000)
      .default(2_000)
      .describe('A longer summary is cut, as some feeds put whole articles there.'),
  })
  .describe(
    'Reads RSS and Atom feeds. Only title, summary, link and date of an item are stored, never the text of an article: publishers such as Le Monde allow no more, and some allow personal use only. Read the terms of each feed before you publish what was collected.',
  );

export type RssSettings = z.output<typeof rssSettingsSchema>;
export type FeedSettings = RssSettings['feeds'][number];

function areDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
