import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--disable-breakpad',
  '--remote-debugging-port=0',
];
const START_DEADLINE_MS = 30_000;
const LOAD_DEADLINE_MS = 20_000;

/** The path of Chromium on this machine; undefined without one. */
export function findChromium(): string | undefined {
  return CANDIDATES.find((candidate) => existsSync(candidate));
}

const messageSchema = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  params: z.unknown().optional(),
  result: z.unknown().optional(),
  error: z.object({ message: z.string() }).optional(),
});
const evaluationSchema = z.object({
  result: z.object({ value: z.unknown().optional() }),
  exceptionDetails: z.object({ text: z.string() }).optional(),
});

/** One page of a headless Chromium, controlled by the DevTools protocol. */
export class BrowserPage {
  /** Problems that the page reported: refused resources, uncaught errors, violated policies. */
  readonly complaints: string[] = [];
  readonly #socket: WebSocket;
  readonly #end: () => Promise<void>;
  readonly #answers = new Map<number, (message: z.output<typeof messageSchema>) => void>();
  #lastId = 0;

  private constructor(socket: WebSocket, end: () => Promise<void>) {
    this.#socket = socket;
    this.#end = end;
    socket.addEventListener('message', (event) => {
      this.#take(messageSchema.parse(JSON.parse(String(event.data))));
    });
  }

  static async open(program: string, size = { width: 1100, height: 900 }): Promise<BrowserPage> {
    const profile = await mkdtemp(path.join(tmpdir(), 'sonotheque-chromium-'));
    const child = spawn(program, [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      // A separate process group, so that none of its processes is left.
      detached: true,
    });
    const end = async () => {
      if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
        process.kill(-child.pid, 'SIGKILL');
        await once(child, 'exit');
      }
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    };
    try {
      const port = await readDebuggingPort(child.stderr);
      const targets = z
        .array(z.object({ type: z.string(), webSocketDebuggerUrl: z.string() }))
        .parse(await (await fetch(`http://127.0.0.1:${port}/json/list`)).json());
      const target = targets.find(({ type }) => type === 'page');
      if (target === undefined) throw new Error('Chromium has no page.');
      const socket = new WebSocket(target.webSocketDebuggerUrl);
      await once(socket, 'open', { signal: AbortSignal.timeout(START_DEADLINE_MS) });
      const page = new BrowserPage(socket, end);
      for (const domain of ['Page', 'Runtime', 'Log']) await page.send(`${domain}.enable`);
      await page.resize(size);
      return page;
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** Sends one command of the DevTools protocol. */
  async send(method: string, params: object = {}): Promise<unknown> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = new Promise<z.output<typeof messageSchema>>((resolve) => this.#answers.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params }));
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async resize(size: { readonly width: number; readonly height: number }): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', { ...size, deviceScaleFactor: 1, mobile: false });
  }

  async goTo(url: string): Promise<void> {
    await this.send('Page.navigate', { url });
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const parameters = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = evaluationSchema.parse(
      await this.send('Runtime.evaluate', parameters),
    );
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true in the page, across reloads. */
  async waitFor(expression: string): Promise<void> {
    const deadline = Date.now() + LOAD_DEADLINE_MS;
    for (;;) {
      // During a navigation there is no page to evaluate in.
      if ((await this.evaluate(`Boolean(${expression})`).catch(() => false)) === true) return;
      if (Date.now() > deadline) {
        const text = String(await this.evaluate('document.body.innerText').catch(() => ''));
        throw new Error(`Never true in the page: ${expression}\nThe page says: ${text.slice(0, 500)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** A screenshot of the page as PNG. */
  async screenshot(options: { readonly wholePage?: boolean } = {}): Promise<Buffer> {
    const result = await this.send('Page.captureScreenshot', {
      captureBeyondViewport: options.wholePage ?? false,
    });
    return Buffer.from(z.object({ data: z.string() }).parse(result).data, 'base64');
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.#end();
  }

  #take(message: z.output<typeof messageSchema>): void {
    if (message.id !== undefined) {
      this.#answers.get(message.id)?.(message);
      this.#answers.delete(message.id);
    } else if (message.method === 'Log.entryAdded' || message.method === 'Runtime.exceptionThrown') {
      this.complaints.push(JSON.stringify(message.params));
    }
  }
}

async function readDebuggingPort(stderr: NodeJS.ReadableStream): Promise<string> {
  const timeout = AbortSignal.timeout(START_DEADLINE_MS);
  for await (const line of createInterface({ input: stderr, signal: timeout })) {
    const port = /^DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(line)?.[1];
    if (port !== undefined) {
      // A full pipe would block the browser.
      stderr.resume();
      return port;
    }
  }
  throw new Error('Chromium did not start.');
}
