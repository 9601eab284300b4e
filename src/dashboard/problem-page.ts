import type { Request, Response } from 'express';
import { html } from '../text/html.ts';
import { markedCommands } from '../text/marked-commands.ts';
import { sendPage, type PageOptions } from './page.ts';
import { readerOf } from './reader.ts';

interface Problem extends Pick<PageOptions, 'hasNavigation' | 'path'> {
  readonly status: number;
  readonly title: string;
  readonly text: string;
}

/** Says why a request was not served: as a page to browsers, as JSON to programs. */
export function sendProblem(request: Request, response: Response, problem: Problem): void {
  const { title, text, ...options } = problem;
  if (!acceptsPages(request)) {
    response.status(problem.status).json({ error: text });
    return;
  }
  const { hasNavigation = true } = options;
  const { home } = readerOf(request).messages.frame.problems;
  const body = html`<main>
    <h1>${title}</h1>
    <p class="problem">${markedCommands(text)}</p>
    ${hasNavigation ? html`<p><a href="/">${home}</a></p>` : undefined}
  </main>`;
  sendPage(request, response, title, body, options);
}

/** Whether it is a browser that opens a page or sends a form. */
export function acceptsPages(request: Request): boolean {
  return request.get('accept')?.includes('text/html') ?? false;
}
