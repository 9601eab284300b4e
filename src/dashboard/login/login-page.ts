import type { Request, Response } from 'express';
import { html } from '../../text/html.ts';
import { sendPage } from '../page.ts';
import { readerOf } from '../reader.ts';

export interface LoginPage {
  readonly status: number;
  /** The page to show after the login. */
  readonly next: string;
  readonly problem?: string;
  /** What was typed as the name. */
  readonly user?: string;
}

export function sendLoginPage(
  request: Request,
  response: Response,
  { status, next, problem, user = '' }: LoginPage,
): void {
  const { login: texts } = readerOf(request).messages.frame;
  const field = user === '' ? html`autofocus` : undefined;
  const body = html`<main class="login">
    <h1>Sonothèque</h1>
    <form method="post" action="/login">
      ${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`}
      <input type="hidden" name="next" value="${next}" />
      <label
        >${texts.name}
        <input
          name="user"
          autocomplete="username"
          autocapitalize="none"
          spellcheck="false"
          required
          value="${user}"
          ${field}
      /></label>
      <label
        >${texts.password}
        <input
          name="password"
          type="password"
          autocomplete="current-password"
          required
          ${user === '' ? undefined : html`autofocus`}
      /></label>
      <button type="submit">${texts.submit}</button>
    </form>
  </main>`;
  const path = `/login?next=${encodeURIComponent(next)}`;
  sendPage(request, response, texts.title, body, { status, hasNavigation: false, path });
}
