import { commandsAsTyped } from '../runtime/command-form.ts';
import type { AlertFormat } from '../config/config.ts';
import type { WebhookMessage } from './webhook.ts';
import type { AlertChange } from './alert.ts';

/** A message, before it has the format of a service. */
export interface Notice {
  readonly kind: 'problem' | 'resolved' | 'info';
  /** A few words in ASCII: some services receive it in a header. */
  readonly title: string;
  readonly text: string;
  /** Further fields of our own JSON format. */
  readonly fields: Readonly<Record<string, unknown>>;
}

const STYLES = {
  problem: { emoji: ':warning:', apprise: 'warning', tag: 'warning', priority: 'high' },
  resolved: { emoji: ':white_check_mark:', apprise: 'success', tag: 'white_check_mark', priority: 'default' },
  info: { emoji: ':newspaper:', apprise: 'info', tag: 'newspaper', priority: 'low' },
} as const;

export function alertNotice({ event, alert, at }: AlertChange): Notice {
  const isResolved = event === 'resolved';
  const message = commandsAsTyped(alert.message);
  return {
    kind: isResolved ? 'resolved' : 'problem',
    title: isResolved ? `Resolved: ${alert.title}` : alert.title,
    text: isResolved ? `No longer the case: ${message}` : message,
    fields: { event, key: alert.key, since: alert.since.toISOString(), at: at.toISOString() },
  };
}

/**
 * The request that a service expects:
 * slack https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks,
 * ntfy https://docs.ntfy.sh/publish/, apprise https://github.com/caronc/apprise-api (`/notify/KEY`).
 */
export function formatNotice(format: AlertFormat, { kind, title, text, fields }: Notice): WebhookMessage {
  const style = STYLES[kind];
  switch (format) {
    case 'json':
      return json({ source: 'sonotheque', ...fields, title, message: text });
    case 'slack':
      return json({ text: `${style.emoji} *${escapeSlack(title)}*\n${escapeSlack(text)}` });
    case 'apprise':
      return json({ title, body: text, type: style.apprise, format: 'text' });
    case 'ntfy':
      return {
        contentType: 'text/plain; charset=utf-8',
        headers: { title: `Sonotheque: ${printable(title)}`, tags: style.tag, priority: style.priority },
        body: text,
      };
  }
}

function json(body: object): WebhookMessage {
  return { contentType: 'application/json', body: JSON.stringify(body) };
}

/** Headers can only carry ASCII. */
function printable(text: string): string {
  return text.replaceAll(/[^ -~]/g, '?');
}

/** Slack's control characters: text from outside must not notify a whole channel (`<!channel>`). */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
