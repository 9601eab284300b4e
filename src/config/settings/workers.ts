import { z } from 'zod';
import { QUEUE_NAMES, QUEUE_SUMMARIES, type QueueName } from '../../domain/queues.ts';
import { setting } from './setting.ts';
import { count, days, egressEntries, port, seconds } from './value-types.ts';

type ConcurrencyName = `${Uppercase<QueueName>}_CONCURRENCY`;

/** The variable that sets how many jobs of a queue one worker process works on at once. */
export const concurrencyName = (queue: QueueName) => `${queue.toUpperCase()}_CONCURRENCY` as ConcurrencyName;

const concurrencySettings = Object.fromEntries(
  QUEUE_NAMES.map((queue) => [
    concurrencyName(queue),
    setting(count(QUEUE_SUMMARIES[queue].concurrency), {
      description: `How many jobs of the queue ${queue} a worker process runs at once.`,
    }),
  ]),
) as Record<ConcurrencyName, ReturnType<typeof count>>;

export const workerSettings = {
  ...concurrencySettings,

  RETRY_ROUNDS: setting(count(15, 0), {
    description:
      'How many times a video goes through the retry queue before it is failed. With the defaults that takes three days on average and six at most.',
  }),
  RETRY_MIN_DELAY_SECONDS: setting(seconds(60), {
    description:
      'The shortest delay in the retry queue. Each delay is random between this and a limit that doubles with each round.',
  }),
  RETRY_MAX_DELAY_SECONDS: setting(seconds(24 * 3600), {
    description: 'The longest delay in the retry queue.',
  }),
  UNAVAILABLE_MAX_DAYS: setting(days(30), {
    description:
      'How many days a video is tried again that is live, past its announced time, or whose recording does not appear. Then it is failed.',
  }),
  ATTEMPT_DELAY_SECONDS: setting(seconds(5), {
    description: 'The delay before the second attempt within a queue. It doubles with each attempt.',
  }),
  OPERATOR_PROBE_SECONDS: setting(seconds(30), {
    description:
      'After a fault that a person must repair (disk full, wrong key), one job is tried again after this time.',
  }),
  JOB_LOCK_SECONDS: setting(seconds(30), {
    description: 'A job whose worker has not renewed its lock for this long is given to another worker.',
  }),
  RECONCILE_INTERVAL_SECONDS: setting(seconds(300), {
    description:
      'How often what crashes left behind is repaired: videos without a job, and staged files that no video refers to.',
  }),
  RECONCILE_BUCKET_INTERVAL_SECONDS: setting(seconds(3600), {
    description: 'How often differences between the bucket and the records are repaired.',
  }),
  SHUTDOWN_GRACE_SECONDS: setting(seconds(30), {
    description:
      "After SIGTERM, jobs may run this long before they are put back. A container's stop timeout must be longer.",
  }),
  HEALTH_HOST: setting(z.string().default('127.0.0.1'), {
    description: 'The address on which a worker serves /livez and /readyz.',
  }),
  HEALTH_PORT: setting(port.optional(), {
    description: 'The port of /livez and /readyz; 0 takes a free one. Without it they are not served.',
  }),
};

export const egressSettings = {
  EGRESS: setting(egressEntries.optional(), {
    secret: true,
    description:
      'The egress addresses: NAME: option=value, option=value; NAME: … Sites limit a network address or an account, not a process, so all workers on all hosts share the budget and the rests of each; while one rests, the others are used. Options: proxy (socks5://user:password@host:port, http://…), cookies (a file in Netscape format, present on every worker host), budget (starts per hour), spacing (seconds). Write , and ; in a password as %2C and %3B. Without it there is one egress address, named default, without proxy and cookies.',
    example: 'home: budget=300; office: proxy=socks5://10.0.0.2:1080, cookies=/run/secrets/office.txt',
  }),
  EGRESS_BUDGET_PER_HOUR: setting(count(300, 0), {
    description:
      'For entries without budget: starts of downloads and listings in any hour. YouTube allows about 300 without an account; 0 sets no limit.',
  }),
  EGRESS_SPACING_SECONDS: setting(z.coerce.number().min(0).default(5), {
    description:
      'For entries without spacing: the least time between two starts. Up to as much again is added at random; 0 adds none.',
  }),
  THROTTLE_MIN_REST_SECONDS: setting(seconds(60), {
    description:
      'How long an egress address is not used after the site limited it for the first time. Each further rest is twice as long.',
  }),
  THROTTLE_MAX_REST_SECONDS: setting(seconds(3600), {
    description: 'The longest rest of an egress address, also when the site asks for a longer one.',
  }),
};
