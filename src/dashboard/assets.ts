import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { Router } from 'express';
import { STYLE } from './style.ts';

/**
 * The files that pages load beside their markup, each under a name that changes with its content, so that browsers keep it for
 * good: `/assets/times.1f2e3d4c5b6a.js`. They contain nothing secret and need no login.
 *
 * To add a script or style sheet of our own, put it into `browser/` and write `moduleTag('its-name.js')` or
 * `stylesheetTag('its-name.css')` where the page needs it. A script may import others of `browser/` (`./times.js`) and the modules of
 * packages that are named here (`uplot`); the names are replaced by those that are served. A file of a package needs a line here.
 */
const PACKAGE_FILES: readonly PackageFile[] = [
  { name: 'htmx.js', file: 'htmx.org/dist/htmx.min.js' },
  { name: 'uplot.js', file: 'uplot/dist/uPlot.esm.js', module: 'uplot' },
  { name: 'uplot.css', file: 'uplot/dist/uPlot.min.css' },
  { name: 'wavesurfer.js', file: 'wavesurfer.js', module: 'wavesurfer.js' },
];

interface PackageFile {
  readonly name: string;
  /** What Node resolves. */
  readonly file: string;
  /** The name by which our own scripts import it. */
  readonly module?: string;
}

interface Asset {
  readonly path: string;
  readonly type: 'js' | 'css';
  readonly content: string;
}

/** As much of the SHA-256 as tells the versions of one file apart. */
const HASH_DIGITS = 12;
const OWN_FILES = new URL('browser/', import.meta.url);
/** The end of a static import, as our formatter writes it. */
const STATIC_IMPORT = /(?<=^import |from )'([^'\n]+)';$/gm;
/** RFC 8246; a year is the longest time that caches are asked for. */
const KEPT_FOR_GOOD = 'public, max-age=31536000, immutable';

const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6e4f"/><path d="M7 13v6M12 9v14M17 6v20M22 11v10M26 14v4" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>`;

const assets = loadAssets();

/** The names by which pages ask for assets. */
export const ASSET_NAMES: readonly string[] = [...assets.keys()];

/** The address of an asset. @throws Error when there is none of this name */
export function assetPath(name: string): string {
  const asset = assets.get(name);
  if (asset === undefined) throw new Error(`There is no asset ${name}.`);
  return asset.path;
}

/** Serves the assets and the icon. */
export function createAssets(): Router {
  const byPath = new Map(Array.from(assets.values(), (asset) => [asset.path, asset]));
  const router = Router();
  router.get('/assets/:file', (request, response) => {
    const asset = byPath.get(request.path);
    // A name of another version: a page that was opened before an update asks for it.
    if (asset === undefined) response.status(404).type('text/plain').send('There is no such file.\n');
    else response.set('cache-control', KEPT_FOR_GOOD).type(asset.type).send(asset.content);
  });
  router.get('/icon.svg', (_request, response) => {
    response.set('cache-control', 'max-age=3600').type('svg').send(ICON);
  });
  return router;
}

function loadAssets(): ReadonlyMap<string, Asset> {
  const loaded = new Map<string, Asset>();
  const modules = new Map<string, string>();
  const add = (name: string, content: string): Asset => {
    const dot = name.lastIndexOf('.');
    const hash = createHash('sha256').update(content).digest('hex').slice(0, HASH_DIGITS);
    const type = name.endsWith('.css') ? 'css' : 'js';
    const asset: Asset = { path: `/assets/${name.slice(0, dot)}.${hash}.${type}`, type, content };
    loaded.set(name, asset);
    return asset;
  };
  add('style.css', STYLE);
  for (const { name, file, module } of PACKAGE_FILES) {
    const { path } = add(name, readFileSync(new URL(import.meta.resolve(file)), 'utf8'));
    if (module !== undefined) modules.set(module, path);
  }
  /** What a script imports is loaded before it, because its name is part of the script's content. */
  const addOwn = (name: string, importers: readonly string[]): string => {
    const known = loaded.get(name);
    if (known !== undefined) return known.path;
    if (importers.includes(name)) throw new Error(`${name} imports itself: ${importers.join(', ')}.`);
    const source = readFileSync(new URL(name, OWN_FILES), 'utf8');
    if (name.endsWith('.css')) return add(name, source).path;
    const content = source.replaceAll(STATIC_IMPORT, (_found, specifier: string) => {
      const isOwn = specifier.startsWith('./');
      const path = isOwn ? addOwn(specifier.slice(2), [...importers, name]) : modules.get(specifier);
      if (path === undefined) throw new Error(`${name} imports what is not served: ${specifier}`);
      return `'${path}';`;
    });
    return add(name, content).path;
  };
  for (const name of readdirSync(OWN_FILES)) if (/\.(?:js|css)$/.test(name)) addOwn(name, []);
  return loaded;
}
