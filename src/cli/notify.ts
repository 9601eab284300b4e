import process from 'node:process';
import { loadConfig } from '../config/load.ts';
import { postToWebhook } from '../alerts/webhook.ts';
import { formatNotice } from '../alerts/formats.ts';
import { createCommand, runCommand, usageError } from './command/run-command.ts';

const command = createCommand(
  'notify',
  'Sends a message to the alert webhook, for scripts and workflows around this program.',
  ["npm run notify -- 'The daily collection failed' 'https://example.org/run/1'"],
)
  .argument('<title>', 'a few words')
  .argument('[text]', 'what happened', '')
  .addHelpText('after', '\nALERT_WEBHOOK_URL and ALERT_WEBHOOK_FORMAT set its URL and the message format.\n');

await runCommand(async (signal) => {
  const [title = '', text = ''] = command.parse().processedArgs as [string?, string?];
  const { webhook } = loadConfig(process.env).alerts;
  if (webhook === undefined) throw usageError('No webhook is configured: set ALERT_WEBHOOK_URL.');
  const fields = { event: 'message', at: new Date().toISOString() };
  const notice = formatNotice(webhook.format, { kind: 'problem', title, text, fields });
  await postToWebhook(webhook.url, notice, { signal });
  return 0;
});
