import type { Response } from 'express';
import { html } from '../../text/html.ts';
import { renderPage } from '../page.ts';

export interface LoginPage {
  readonly status: number;
  /** The page to show after the login. */
  readonly next: string;
  readonly problem?: string;
  /** What was typed as the name. */
  readonly user?: string;
}

export function sendLoginPage(response: Response, { status, next, problem, user = '' }: LoginPage): void {
  const field = user === '' ? html`autofocus` : undefined;
  const body = html`<main class="login">
    <h1>Sonothèque</h1>
    <form method="post" action="/login">
      ${problem === undefined ? undefined : html`<p class="problem" role="alert">${problem}</p>`}
      <input type="hidden" name="next" value="${next}" />
      <label
        >Name
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
        >Password
        <input
          name="password"
          type="password"
          autocomplete="current-password"
          required
          ${user === '' ? undefined : html`autofocus`}
      /></label>
      <button type="submit">Log in</button>
    </form>
  </main>`;
  response.status(status).type('html').send(renderPage('Log in', body));
}
