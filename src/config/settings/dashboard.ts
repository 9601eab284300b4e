import { z } from 'zod';
import { LANGUAGES } from '../../text/messages/languages.ts';
import { setting } from './setting.ts';
import { addressRanges, count, flag, port, publicUrl, seconds, webUrl } from './value-types.ts';

export const dashboardSettings = {
  DASHBOARD_HOST: setting(z.string().optional(), {
    description:
      'The address on which the dashboard listens; 127.0.0.1 by default, so that only this machine reaches it. 0.0.0.0 opens it to the network: its passwords then cross it readable unless a reverse proxy with TLS stands in front. Without a login it is always 127.0.0.1.',
  }),
  DASHBOARD_PORT: setting(port.default(3000), {
    description: 'The port of the dashboard. With docker compose, the port on the host.',
  }),
  DASHBOARD_USER: setting(z.string().min(1).optional(), {
    compose: true,
    secret: true,
    description: 'The user name of an operator, who may see and change everything.',
  }),
  DASHBOARD_PASSWORD: setting(z.string().min(8, 'needs 8 characters or more').optional(), {
    compose: true,
    secret: true,
    description: 'The password of DASHBOARD_USER, 8 characters or more.',
  }),
  DASHBOARD_USERS_FILE: setting(z.string().optional(), {
    description:
      'A file with more people who may log in, each a viewer or an operator. `npm run users` writes it; a running dashboard notices changes.',
    example: 'dashboard-users.txt',
  }),
  DASHBOARD_TRUSTED_PROXIES: setting(addressRanges.default([]), {
    description:
      'The reverse proxies in front of the dashboard: addresses and ranges, or loopback, linklocal, uniquelocal (private addresses), separated by commas. Only what they say of a client counts: its address (X-Forwarded-For) and that it came over TLS (X-Forwarded-Proto).',
    example: 'loopback, 10.0.0.0/8',
  }),
  PUBLIC_URL: setting(publicUrl.optional(), {
    description:
      'The address at which others reach the dashboard, such as that of a reverse proxy with TLS; feeds have it in all their addresses. Without it the address of each request is used.',
    example: 'https://archive.example.org',
  }),
  DASHBOARD_SESSION_IDLE_SECONDS: setting(seconds(3600), {
    description: 'A session ends when nobody has used it for this long.',
  }),
  DASHBOARD_SESSION_MAX_SECONDS: setting(seconds(12 * 3600), {
    description: 'A session ends this long after its login in any case.',
  }),
  BULL_BOARD_WRITABLE: setting(flag(false), {
    description:
      'true lets operators change jobs and queues in Bull Board. What is retried or removed there does not change the record of a video.',
  }),
};

export const alertSettings = {
  ALERT_WEBHOOK_URL: setting(webUrl.optional(), {
    secret: true,
    description:
      'Where alerts are sent: once when something needs a person, once when it is over. It may contain a token and is never logged. Without it no alerts are sent.',
  }),
  ALERT_WEBHOOK_FORMAT: setting(z.enum(['json', 'slack', 'ntfy', 'apprise']).default('json'), {
    description:
      'json (our own format), slack (also for Mattermost and others), ntfy (the URL of a topic) or apprise (the Apprise API).',
  }),
  ALERT_FAILED_LIMIT: setting(count(100, 0), {
    description: 'An alert is sent when more videos than this are failed.',
  }),
  ALERT_FAILED_LOGINS: setting(count(30), {
    description:
      'An alert is sent when more logins than this have failed at the dashboards within ten minutes.',
  }),
  ALERT_MIRROR_LAG_SECONDS: setting(seconds(6 * 3600), {
    description: 'An alert is sent when a stored object waits longer than this for its mirror.',
  }),
  ALERT_STAGING_FULL_SECONDS: setting(seconds(600), {
    description: 'An alert is sent when downloads are paused for longer than this because staging is full.',
  }),
};

export const textSettings = {
  UI_LANGUAGE: setting(z.enum(LANGUAGES).default('en'), {
    description:
      'en or fr: the language of commands on documents, reports and the digest, and of pages for browsers that ask for no language there is. Error messages of programs and servers stay in English.',
  }),
};

export const loggingSettings = {
  LOG_LEVEL: setting(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'), {
    description: 'trace, debug, info, warn, error or silent.',
  }),
};
