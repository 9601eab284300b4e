import type { FeedAddressRow } from '../../operations/feed-addresses.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { plainText } from '../../text/plain-text.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { renderTable } from '../../text/tables.ts';

const MAX_NAME_LENGTH = 100;

/** What came of a request to make an address. */
export type NewAddress =
  | { readonly outcome: 'made'; readonly address: string }
  | { readonly outcome: 'full'; readonly most: number }
  | { readonly outcome: 'name_needed' };

interface AddressesView {
  readonly addresses: readonly FeedAddressRow[];
  readonly canChange: boolean;
  /** Where the forms are sent. */
  readonly path: string;
  /** What an address gives access to. */
  readonly hint: string;
  readonly made: NewAddress | undefined;
}

/** The secret addresses of a feed, or of all feeds, and the forms that make and end them. */
export function renderAddresses(
  { addresses, canChange, path, hint, made }: AddressesView,
  messages: Messages,
): Html {
  const { feeds: texts } = messages;
  const { columns } = texts;
  const headings = [columns.name, columns.madeAt, columns.madeBy, columns.lastUsed];
  return html`<h3>${texts.secretTitle}</h3>
    <p>${hint}</p>
    ${made === undefined ? undefined : renderMade(made, messages)}
    ${
      addresses.length === 0
        ? html`<p>${texts.none}</p>`
        : renderTable(
            texts.secretTitle,
            canChange ? [...headings, columns.action] : headings,
            addresses.map((address) => renderRow(address, { canChange, path }, messages)),
          )
    }
    ${
      canChange
        ? html`<form class="filters" method="post" action="${path}">
            <label>${texts.name} <input name="name" required maxlength="${MAX_NAME_LENGTH}" /></label>
            <button name="action" value="make">${texts.make}</button>
          </form>`
        : undefined
    }`;
}

function renderMade(made: NewAddress, { feeds: texts }: Messages): Html {
  switch (made.outcome) {
    case 'made':
      return html`<div class="notice" role="status">
        <p>${texts.made}</p>
        <label
          >${texts.copyLabel} <textarea readonly rows="2" spellcheck="false">${made.address}</textarea>
        </label>
        <p>${texts.again}</p>
      </div>`;
    case 'full':
      return html`<p class="notice" role="status">${texts.full(made.most)}</p>`;
    case 'name_needed':
      return html`<p class="notice" role="status">${texts.nameNeeded}</p>`;
  }
}

function renderRow(
  { id, name, madeAt, madeBy, lastUsedAt }: FeedAddressRow,
  { canChange, path }: Pick<AddressesView, 'canChange' | 'path'>,
  messages: Messages,
): Html {
  const { feeds: texts } = messages;
  const shown = plainText(name, MAX_NAME_LENGTH);
  return html`<tr>
    <td class="text">${shown}</td>
    <td>${renderMoment(madeAt, messages)}</td>
    <td>${madeBy === null ? '–' : plainText(madeBy, MAX_NAME_LENGTH)}</td>
    <td>${lastUsedAt === null ? texts.neverUsed : renderMoment(lastUsedAt, messages)}</td>
    ${
      canChange
        ? html`<td>
            <form method="post" action="${path}">
              <input type="hidden" name="id" value="${id}" />
              <button class="danger" name="action" value="revoke" aria-label="${texts.revokeNamed(shown)}">
                ${texts.revoke}
              </button>
            </form>
          </td>`
        : undefined
    }
  </tr>`;
}
