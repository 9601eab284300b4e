import type { Request } from 'express';
import type { Database } from '../database/database.ts';
import type { CollectionHealth } from '../reports/collection/read-health.ts';
import type { Html } from '../text/html.ts';
import type { Messages } from '../text/messages/en.ts';
import { mayChange } from './actor.ts';
import { renderHealth, renderReports } from './collection-pages.ts';
import { noticeSchema } from './overview/overview-actions.ts';
import type { Reader } from './reader.ts';

/** What the pages show; a reading that several requests ask for at once is made once. */
export interface PageDependencies {
  readonly database: Database;
  readonly readHealth: () => Promise<CollectionHealth>;
}

/** A page that only shows something. */
export interface Page {
  readonly path: string;
  readonly title: (messages: Messages) => string;
  /** Its content is fetched again after this time, without a reload. */
  readonly refreshSeconds?: number;
  readonly render: (dependencies: PageDependencies, reader: Reader, request: Request) => Promise<Html>;
}

const LISTED_RUNS = 50;
const LISTED_REPORTS = 100;

export const PAGES: readonly Page[] = [
  {
    path: '/health',
    title: ({ frame }) => frame.navigation.health,
    refreshSeconds: 60,
    render: async ({ database, readHealth }, { messages }, request) => {
      const [health, runs] = await Promise.all([readHealth(), database.runOverview.latest(LISTED_RUNS)]);
      const notice = noticeSchema.safeParse(request.query['done']).data;
      return renderHealth(health, runs, { messages, canChange: mayChange(request), notice });
    },
  },
  {
    path: '/reports',
    title: ({ frame }) => frame.navigation.reports,
    render: async ({ database }, { messages }) =>
      renderReports(await database.reports.latest(LISTED_REPORTS), messages),
  },
];
