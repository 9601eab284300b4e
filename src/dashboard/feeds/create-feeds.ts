import type { Router } from 'express';
import type { Config } from '../../config/config.ts';
import type { Database } from '../../database/database.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { MinioStore } from '../../storage/minio-store.ts';
import { messagesOf } from '../../text/messages/messages-of.ts';
import { Covers } from './covers.ts';
import { createFeedContent } from './feed-content.ts';
import { FeedIndexes } from './feed-index.ts';
import { createFeedRoutes } from './feed-routes.ts';
import { createSecretFeedRoutes } from './secret-feed-routes.ts';

interface FeedsDependencies {
  readonly config: Pick<Config, 'dashboard' | 'language' | 'media'>;
  readonly database: Database;
  readonly store: MinioStore;
  readonly logger: Logger;
}

/**
 * The feeds of playlists: `secret`, to be mounted at SECRET_FEEDS_PATH before the login and all checks of requests that change
 * something, and `withLogin`, behind the login.
 */
export function createFeeds({ config, database, store, logger }: FeedsDependencies): {
  readonly secret: Router;
  readonly withLogin: Router;
} {
  const { publicUrl } = config.dashboard;
  const { playlistContents: contents, feedAddresses } = database;
  const indexes = new FeedIndexes(contents);
  const covers = new Covers({ contents, indexes, store, ffmpegPath: config.media.ffmpegPath, logger });
  const messages = messagesOf(config.language);
  const content = createFeedContent({ database, store, indexes, covers, messages });
  return {
    secret: createSecretFeedRoutes({ feedAddresses, content, publicUrl, logger }),
    withLogin: createFeedRoutes({ database, content, publicUrl }),
  };
}
