import { Router, urlencoded } from 'express';
import { JobError } from '../../domain/job-errors.ts';
import type { Overview } from '../../reports/overview.ts';
import { actorOf, mayChange } from '../actor.ts';
import { sendPage } from '../page.ts';
import { readerOf } from '../reader.ts';
import { LiveEvents } from './live-events.ts';
import {
  noticeSchema,
  overviewActionSchema,
  runOverviewAction,
  type ActionDependencies,
} from './overview-actions.ts';
import { renderOverview } from './overview-page.ts';
import type { SharedReading } from './shared-reading.ts';
import { THROUGHPUT_PATH, throughputColumns } from './throughput-part.ts';

export interface OverviewRoutesDependencies extends ActionDependencies {
  readonly reading: SharedReading<Overview>;
}

const MAX_FORM_BYTES = 4 * 1024;

/** The overview, the events that tell it to read itself anew, the figures of its chart, and what its buttons do. */
export function createOverviewRoutes(dependencies: OverviewRoutesDependencies): Router {
  const { reading } = dependencies;
  const events = new LiveEvents({ read: async () => signatureOf(await reading.read()) });
  const router = Router();

  router.get('/', async (request, response) => {
    const { messages } = readerOf(request);
    const { overview, away } = await readOrLast(reading);
    const notice = noticeSchema.safeParse(request.query['done']).data;
    const page = { overview, messages, canChange: mayChange(request), notice };
    const reason = away && `${away.message} ${messages.advice(away.errorClass)}`;
    // The page itself takes what can be shown; to all others the archive is not readable.
    const status = away === undefined || request.get('hx-request') !== undefined ? 200 : 503;
    sendPage(
      request,
      response,
      messages.frame.navigation.overview,
      renderOverview({ ...page, away: reason }),
      { status },
    );
  });

  router.get('/events', (request, response) => {
    events.serve(request, response);
  });

  router.get(THROUGHPUT_PATH, async (_request, response) => {
    const { steps, status } = await reading.read();
    response.json(throughputColumns(steps, status.at));
  });

  router.post(
    '/actions',
    urlencoded({ extended: false, limit: MAX_FORM_BYTES }),
    async (request, response) => {
      const { data } = overviewActionSchema.safeParse(request.body);
      const notice =
        data === undefined ? 'unknown' : await runOverviewAction(data, actorOf(request), dependencies);
      reading.forget();
      response.redirect(303, `${data?.action === 'run-source' ? '/health' : '/'}?done=${notice}`);
    },
  );

  return router;
}

/** What can be read now; else what was read last, and why. @throws JobError when nothing was read yet */
async function readOrLast(
  reading: SharedReading<Overview>,
): Promise<{ overview: Overview; away?: JobError }> {
  try {
    return { overview: await reading.read() };
  } catch (error) {
    const { last } = reading;
    if (last === undefined || !(error instanceof JobError)) throw error;
    return { overview: last, away: error };
  }
}

/** What changes with every reading although nothing happens: times and ages. */
const PASSING: ReadonlySet<string> = new Set([
  'at',
  'until',
  'since',
  'oldestWaitingSeconds',
  'nextStartSeconds',
  'freeBytes',
  'seconds',
  'secondsLeft',
  'videosPerHour',
  'bytesPerHour',
  'realTimeFactor',
]);

function signatureOf(overview: Overview): string {
  return JSON.stringify(overview, (key, value: unknown) => (PASSING.has(key) ? undefined : value));
}
