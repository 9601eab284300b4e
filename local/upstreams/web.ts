import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Upstream } from './upstream.ts';

export interface WebArticle {
  readonly slug: string;
  readonly title: string;
  readonly text: string;
  readonly author: string;
  /** ISO 8601. */
  readonly date: string;
}

/** A response in place of the page. */
export interface WebFault {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface WebRequest {
  readonly path: string;
  readonly at: number;
  readonly headers: IncomingMessage['headers'];
}

/**
 * A small news site: `/` links to the pages of its articles, `/brief` has their full texts, `/data` and each page have
 * them as JSON-LD. Pages have an ETag. `robots` must be served too, because robots.txt is at the root of a host.
 */
export class WebUpstream implements Upstream {
  readonly name = 'web';
  readonly requests: WebRequest[] = [];
  /** Replace it to publish, correct or withdraw articles. */
  articles: readonly WebArticle[] = generatedArticles(6);
  /** The content of robots.txt, or how it fails. */
  robotsTxt: string | WebFault = 'User-agent: *\nDisallow: /web/private/\n';
  /** Requests that are being answered: now, and the most at any time. */
  readonly load = { now: 0, most: 0 };
  readonly #faults = new Map<string, WebFault>();

  /** Sets the response at one path (`/news/1.html`), until it is cleared with `undefined`. */
  setFault(path: string, fault: WebFault | undefined): void {
    if (fault === undefined) this.#faults.delete(path);
    else this.#faults.set(path, fault);
  }

  /** The paths requested since the last call, including robots.txt. */
  takePaths(): string[] {
    return this.requests.splice(0).map(({ path }) => path);
  }

  readonly robots: Upstream = {
    name: 'robots.txt',
    handle: (request, response) => {
      this.#record(request, response, '/robots.txt');
      const { robotsTxt } = this;
      if (typeof robotsTxt === 'string')
        send(response, { headers: { 'content-type': 'text/plain' }, body: robotsTxt });
      else send(response, robotsTxt);
    },
  };

  handle(request: IncomingMessage, response: ServerResponse, { pathname }: URL): void {
    this.#record(request, response, pathname);
    const fault = this.#faults.get(pathname);
    const body = fault?.body ?? this.#pageOf(pathname);
    if (body === undefined || (fault?.status ?? 200) >= 400) {
      send(response, { status: 404, ...fault, body: '<title>Not here</title>' });
      return;
    }
    const etag = `"${createHash('sha256').update(body).digest('hex').slice(0, 16)}"`;
    const headers = { 'content-type': 'text/html; charset=utf-8', etag, ...fault?.headers };
    if (request.headers['if-none-match'] === etag) send(response, { status: 304, headers });
    else send(response, { status: fault?.status ?? 200, headers, body });
  }

  #record(request: IncomingMessage, response: ServerResponse, path: string): void {
    this.requests.push({ path, at: performance.now(), headers: request.headers });
    this.load.now += 1;
    this.load.most = Math.max(this.load.most, this.load.now);
    response.once('close', () => (this.load.now -= 1));
  }

  #pageOf(pathname: string): string | undefined {
    if (pathname === '/') {
      const links = this.articles.map(
        ({ slug, title }) =>
          `<article><h2><a href="news/${slug}.html?utm_source=home#top">${title}</a></h2></article>`,
      );
      return pageOf('Today', links.join('\n'));
    }
    if (pathname === '/brief') return pageOf('In brief', this.articles.map(fullText).join('\n'));
    if (pathname === '/data') return pageOf('Data', jsonLdOf({ '@graph': this.articles.map(describe) }));
    const article = this.articles.find(({ slug }) => pathname === `/news/${slug}.html`);
    return article === undefined
      ? undefined
      : pageOf(article.title, `${jsonLdOf(describe(article))}${fullText(article)}`);
  }
}

/** The same number always gives the same articles. */
function generatedArticles(count: number): WebArticle[] {
  return Array.from({ length: count }, (_, index) => ({
    slug: String(index + 1),
    title: `Marché de la place n° ${String(index + 1)}`,
    text: `Le marché numéro ${String(index + 1)} a ouvert ce matin à l'heure habituelle.`,
    author: `Auteur ${String((index % 3) + 1)}`,
    date: `2026-03-${String((index % 28) + 1).padStart(2, '0')}T08:30:00+01:00`,
  }));
}

function fullText({ slug, title, text, author, date }: WebArticle): string {
  return `<article class="full"><h1><a href="/web/news/${slug}.html">${title}</a></h1>
<time datetime="${date}">that day</time> <span class="author">${author}</span>
<div class="body"><p>${text}</p><script>track()</script></div></article>`;
}

function describe({ slug, title, text, author, date }: WebArticle) {
  return {
    '@context': 'https://schema.org',
    '@type': 'NewsArticle',
    headline: title,
    articleBody: text,
    datePublished: date,
    author: [{ '@type': 'Person', name: author }],
    url: `/web/news/${slug}.html`,
    inLanguage: 'fr',
  };
}

function jsonLdOf(data: unknown): string {
  return `<script type="application/ld+json">${JSON.stringify(data)}</script>`;
}

function pageOf(title: string, body: string): string {
  return `<!doctype html><html lang="fr"><head><title>${title}</title></head><body>${body}</body></html>`;
}

function send(response: ServerResponse, { status = 200, headers, body }: WebFault): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', ...headers });
  response.end(body);
}
