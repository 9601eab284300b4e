import type { Database } from '../database/database.ts';
import type { CollectionHealth } from '../reports/collection/read-health.ts';
import type { Status } from '../reports/status.ts';
import type { Html } from '../text/html.ts';
import type { Messages } from '../text/messages/en.ts';
import { renderHealth, renderReports } from './collection-pages.ts';
import { renderHome } from './home-page.ts';

/** What the pages show; a reading that several requests ask for at once is made once. */
export interface PageDependencies {
  readonly database: Database;
  readonly readStatus: () => Promise<Status>;
  readonly readHealth: () => Promise<CollectionHealth>;
  readonly messages: Messages;
}

/** An entry of the navigation. */
interface Link {
  readonly path: string;
  readonly title: string;
}

/** A page within the frame. */
export interface Page extends Link {
  readonly refreshSeconds?: number;
  readonly render: (dependencies: PageDependencies) => Promise<Html>;
}

const LISTED_RUNS = 50;
const LISTED_REPORTS = 100;

const HOME: Page = {
  path: '/',
  title: 'Overview',
  refreshSeconds: 30,
  render: async ({ readStatus }) => renderHome(await readStatus()),
};

/** The navigation in its order: the pages, and links to what other routers serve. The name of the site leads home. */
export const NAVIGATION: readonly (Link | Page)[] = [
  { path: '/videos', title: 'Videos' },
  { path: '/playlists', title: 'Playlists' },
  { path: '/queues/', title: 'Queues' },
  {
    path: '/health',
    title: 'Collection',
    refreshSeconds: 60,
    render: async ({ database, readHealth, messages }) => {
      const [health, runs] = await Promise.all([readHealth(), database.runOverview.latest(LISTED_RUNS)]);
      return renderHealth(health, runs, messages);
    },
  },
  {
    path: '/reports',
    title: 'Reports',
    render: async ({ database, messages }) =>
      renderReports(await database.reports.latest(LISTED_REPORTS), messages),
  },
  { path: '/metrics', title: 'Metrics' },
  { path: '/api/status', title: 'JSON' },
];

export const PAGES: readonly Page[] = [HOME, ...NAVIGATION.filter((entry) => 'render' in entry)];
