import { html, type Html } from './html.ts';

/** A text of ours, such as an advice, with what stands between backticks as code. */
export function markedCommands(text: string): Html {
  const parts = text.split('`');
  // A last backtick without a partner is a character like any other.
  if (parts.length % 2 === 0) parts.push(parts.splice(-2).join('`'));
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}
