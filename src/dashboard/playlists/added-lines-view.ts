import type { AddedLine } from '../../operations/add-lines.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { numbers, renderTable } from '../../text/tables.ts';

const MAX_TEXT_LENGTH = 120;
const MAX_REASON_LENGTH = 300;

/** What each line of the form was understood as, and what came of it. */
export function renderAdded(lines: readonly AddedLine[], messages: Messages): Html {
  const { add: texts } = messages.playlists;
  if (lines.length === 0) return html`<p class="notice" role="status">${texts.nothing}</p>`;
  const { columns } = texts;
  return html`<section class="notice" role="status" aria-label="${texts.result}">
    ${renderTable(
      texts.result,
      [...numbers(columns.line), columns.text, columns.understood, columns.outcome],
      lines.map((line) => {
        const { understood, outcome, isRefused } = describe(line, messages);
        return html`<tr>
          <td class="number">${line.line}</td>
          <td class="text">${plainText(line.text, MAX_TEXT_LENGTH)}</td>
          <td>${understood}</td>
          <td class="${isRefused ? 'bad' : ''}">${outcome}</td>
        </tr>`;
      }),
    )}
  </section>`;
}

interface LineTexts {
  readonly understood: string | Html;
  readonly outcome: string;
  readonly isRefused: boolean;
}

function describe(line: AddedLine, { playlists: { add: texts, kinds } }: Messages): LineTexts {
  switch (line.type) {
    case 'playlist': {
      const { id, kind, outcome } = line;
      const link = html`<a href="/playlists/${encodeURIComponent(id)}">${kinds[kind]}</a>`;
      return { understood: link, outcome: texts.outcomes[outcome], isRefused: false };
    }
    case 'video': {
      const link = html`<a href="/videos/${encodeURIComponent(line.id)}">${texts.video}</a>`;
      const isRefused = line.outcome === 'left_out';
      return { understood: link, outcome: texts.videoOutcomes[line.outcome], isRefused };
    }
    case 'repeated':
      return { understood: texts.repeated(line.first), outcome: '', isRefused: false };
    case 'problem': {
      const said = plainText(line.text, MAX_TEXT_LENGTH);
      const outcome = texts.refused(said, plainText(line.reason, MAX_REASON_LENGTH));
      return { understood: texts.notUnderstood, outcome, isRefused: true };
    }
  }
}
