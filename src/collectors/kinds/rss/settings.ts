import { z } from 'zod';
import { areDistinct } from '../../sources-schema.ts';

const feedSchema = z.object({
  name: z.string().trim().min(1).max(100).describe('The name of the feed in reports.'),
  url: z.url({ protocol: /^https?$/ }).describe('The URL of the RSS or Atom feed.'),
  id: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .describe(
      'Identifies the feed when its URL changes: set it to the old URL, and known episodes stay known. Default: the URL.',
    ),
});

export const rssSettingsSchema = z
  .object({
    feeds: z
      .array(feedSchema)
      .min(1)
      .max(200)
      .refine((feeds) => areDistinct(feeds.map(({ name }) => name)), 'contains two feeds with the same name')
      .refine((feeds) => areDistinct(feeds.map(({ url }) => url)), 'contains a URL twice')
      .refine((feeds) => areDistinct(feeds.map(({ id, url }) => id ?? url)), 'contains an id twice')
      .describe('The feeds. When one of them fails, the others are still collected.'),
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
      .describe('Longer summaries are cut, because some feeds put whole articles there.'),
  })
  .describe(
    'Collects RSS and Atom feeds. Only title, summary, link and date of an item are stored, never the text of an article: publishers such as Le Monde do not allow more, and some allow personal use only. Read the terms of each feed before you publish collected items.',
  );

export type RssSettings = z.output<typeof rssSettingsSchema>;
export type FeedSettings = RssSettings['feeds'][number];
