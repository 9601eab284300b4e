import { CHANNEL, CHANNEL_ENDPOINT } from './channel.ts';
import { rowItem } from './playlist-rows.ts';
import type { SamplePlaylist } from './playlists.ts';

export interface PageOptions {
  /** The URL of a video's picture. */
  readonly thumbnailUrl: (videoId: string) => string;
  /** The token of the next page; undefined on the last page. */
  readonly nextToken: string | undefined;
}

function itemsOf(playlist: SamplePlaylist, page: number, options: PageOptions): object[] {
  const start = page * playlist.pageSize;
  const end = Math.min(start + playlist.pageSize, playlist.length);
  const items: object[] = [];
  for (let index = start; index < end; index += 1) {
    const row = playlist.rowAt(index);
    items.push(rowItem(playlist.layout, row, options.thumbnailUrl(row.videoId)));
  }
  if (options.nextToken !== undefined) {
    items.push({
      continuationItemRenderer: {
        continuationEndpoint: { continuationCommand: { token: options.nextToken } },
      },
    });
  }
  return items;
}

const videoCount = (count: number) => ({
  runs: [{ text: String(count) }, { text: count === 1 ? ' video' : ' videos' }],
});

/** yt-dlp reads the announced count from the header in the old layout, from the sidebar in the new one. */
function header(playlist: SamplePlaylist): object {
  const stats =
    playlist.announcedCount === undefined
      ? []
      : [videoCount(playlist.announcedCount), { simpleText: '1,234 views' }];
  switch (playlist.layout) {
    case 'list':
      return {
        header: {
          playlistHeaderRenderer: {
            playlistId: playlist.id,
            title: { simpleText: playlist.title },
            privacy: 'PUBLIC',
            stats,
            ownerText: { runs: [{ text: CHANNEL.title, navigationEndpoint: CHANNEL_ENDPOINT }] },
          },
        },
      };
    case 'lockup':
      return {
        header: { pageHeaderRenderer: { pageTitle: playlist.title } },
        sidebar: {
          playlistSidebarRenderer: {
            items: [
              { playlistSidebarPrimaryInfoRenderer: { stats } },
              {
                playlistSidebarSecondaryInfoRenderer: {
                  videoOwner: {
                    videoOwnerRenderer: {
                      title: { runs: [{ text: CHANNEL.title, navigationEndpoint: CHANNEL_ENDPOINT }] },
                    },
                  },
                },
              },
            ],
          },
        },
      };
    case 'channel':
      return { header: { pageHeaderRenderer: { pageTitle: CHANNEL.title } } };
  }
}

const tab = (content: object, more: object = {}) => ({
  contents: {
    twoColumnBrowseResultsRenderer: { tabs: [{ tabRenderer: { selected: true, ...more, content } }] },
  },
});
const section = (contents: readonly object[]) => ({
  sectionListRenderer: { contents: [{ itemSectionRenderer: { contents } }] },
});

/** The response to `browse` with the id of a playlist or channel. */
export function firstPage(playlist: SamplePlaylist, options: PageOptions): object {
  const items = itemsOf(playlist, 0, options);
  switch (playlist.layout) {
    case 'list':
    case 'lockup': {
      const list = [{ playlistVideoListRenderer: { playlistId: playlist.id, contents: items } }];
      return {
        metadata: { playlistMetadataRenderer: { title: playlist.title } },
        ...header(playlist),
        ...tab(section(playlist.layout === 'list' ? list : items)),
      };
    }
    case 'channel':
      return {
        metadata: {
          channelMetadataRenderer: {
            title: CHANNEL.title,
            externalId: CHANNEL.id,
            vanityChannelUrl: `http://www.youtube.com/${CHANNEL.handle}`,
          },
        },
        ...header(playlist),
        ...tab(
          { richGridRenderer: { contents: items } },
          {
            title: playlist.tab ?? 'videos',
            endpoint: {
              commandMetadata: {
                webCommandMetadata: { url: `/${CHANNEL.handle}/${playlist.tab ?? 'videos'}` },
              },
            },
          },
        ),
      };
  }
}

/** The response to `browse` with the token of a later page. */
export function laterPage(playlist: SamplePlaylist, page: number, options: PageOptions): object {
  return {
    onResponseReceivedActions: [
      { appendContinuationItemsAction: { continuationItems: itemsOf(playlist, page, options) } },
    ],
  };
}

/** The page of an album of YouTube Music, which names its playlist. */
export function albumPage(playlistId: string): object {
  const urlCanonical = `https://music.youtube.com/playlist?list=${playlistId}`;
  return {
    contents: { twoColumnBrowseResultsRenderer: {} },
    microformat: { microformatDataRenderer: { urlCanonical } },
  };
}

/** YouTube's error box in place of a playlist. */
export function alert(text: string): object {
  return { alerts: [{ alertRenderer: { type: 'ERROR', text: { runs: [{ text }] } } }] };
}
