import { ROLES } from '../../domain/role.ts';
import type { TokenRow } from '../../operations/manage-tokens.ts';
import { html, type Html } from '../../text/html.ts';
import type { Messages } from '../../text/messages/en.ts';
import { renderMoment } from '../../text/render-moment.ts';
import { renderTable } from '../../text/tables.ts';
import { DOCS_PATH } from '../api/problem.ts';

/** In days, as the form offers them. */
const LIFETIMES_DAYS = [30, 90, 365] as const;

export interface TokenPage {
  readonly tokens: readonly TokenRow[];
  /** What came of the last form. */
  readonly notice?: string;
  readonly problem?: string;
  /** A token that was made just now: it is shown this once. */
  readonly made?: string;
}

/** The tokens of the API, and the form that makes one. */
export function renderTokens(
  { tokens, notice, problem, made }: TokenPage,
  messages: Messages,
  now: Date,
): Html {
  const { tokens: texts } = messages;
  return html`<main>
    <h1>${texts.title}</h1>
    <p>${texts.intro} <a href="${DOCS_PATH}">${texts.documentation}</a></p>
    ${
      notice === undefined
        ? undefined
        : html`<div class="notice" role="status">
            <p>${notice}</p>
            ${made === undefined ? undefined : html`<p><code>${made}</code></p>`}
          </div>`
    }
    ${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`}
    ${
      tokens.length === 0
        ? html`<p class="empty">${texts.none}</p>`
        : renderTable(
            texts.title,
            [
              texts.name,
              texts.role,
              texts.madeBy,
              texts.created,
              texts.expires,
              texts.lastUsed,
              texts.revoke,
            ],
            tokens.map((token) => renderRow(token, messages, now)),
          )
    }
    ${renderForm(texts)}
  </main>`;
}

function renderRow(token: TokenRow, messages: Messages, now: Date): Html {
  const { tokens: texts, frame } = messages;
  const { name, role, madeBy, madeVia, createdAt, expiresAt, lastUsedAt } = token;
  return html`<tr>
    <td>${name}</td>
    <td>${frame.roles[role]}</td>
    <td>${madeBy ?? '–'}${madeVia === 'command' ? html` <small>${texts.byCommand}</small>` : undefined}</td>
    <td>${renderMoment(createdAt, messages)}</td>
    <td>
      ${expiresAt === null ? texts.neverExpires : renderMoment(expiresAt, messages)}
      ${expiresAt !== null && expiresAt <= now ? html`<small class="bad">${texts.expired}</small>` : undefined}
    </td>
    <td>${lastUsedAt === null ? texts.neverUsed : renderMoment(lastUsedAt, messages)}</td>
    <td>
      <form method="post" action="/tokens/revoke">
        <input type="hidden" name="name" value="${name}" />
        <button class="danger" aria-label="${texts.revokeNamed(name)}">${texts.revoke}</button>
      </form>
    </td>
  </tr>`;
}

function renderForm(texts: Messages['tokens']): Html {
  return html`<h2>${texts.add}</h2>
    <form class="filters" method="post" action="/tokens">
      <label>${texts.name} <input name="name" required maxlength="64" autocomplete="off" /></label>
      <label
        >${texts.role}
        <select name="role">
          ${ROLES.map((role) => html`<option value="${role}">${texts.roles[role]}</option>`)}
        </select>
      </label>
      <label
        >${texts.lifetime}
        <select name="days">
          ${LIFETIMES_DAYS.map((days) => html`<option value="${days}">${texts.days(days)}</option>`)}
          <option value="">${texts.unlimited}</option>
        </select>
      </label>
      <button>${texts.add}</button>
    </form>`;
}
