import { z } from 'zod';
import { setting } from './setting.ts';
import { count, port, seconds, webUrl } from './value-types.ts';

export const dashboardSettings = {
  DASHBOARD_HOST: setting(z.string().optional(), {
    description:
      'The address on which the dashboard listens; 0.0.0.0 by default. Without a login it is always 127.0.0.1.',
  }),
  DASHBOARD_PORT: setting(port.default(3000), {
    description: 'The port of the dashboard. With docker compose, the port on the host.',
  }),
  DASHBOARD_USER: setting(z.string().min(1).optional(), {
    compose: true,
    secret: true,
    description: 'The user name of the login.',
  }),
  DASHBOARD_PASSWORD: setting(z.string().min(8, 'needs 8 characters or more').optional(), {
    compose: true,
    secret: true,
    description: 'The password of the login, 8 characters or more.',
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
  ALERT_MIRROR_LAG_SECONDS: setting(seconds(6 * 3600), {
    description: 'An alert is sent when a stored object waits longer than this for its mirror.',
  }),
  ALERT_STAGING_FULL_SECONDS: setting(seconds(600), {
    description: 'An alert is sent when downloads are paused for longer than this because staging is full.',
  }),
};

export const loggingSettings = {
  LOG_LEVEL: setting(z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'), {
    description: 'trace, debug, info, warn, error or silent.',
  }),
};
