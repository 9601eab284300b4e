import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { OpenWeatherMapUpstream } from '../../local/upstreams/openweathermap.ts';
import { startUpstreams, type RunningUpstreams } from '../../local/upstreams/upstream.ts';
import { openweathermap } from '../../src/collectors/kinds/openweathermap.ts';
import { collectOnce, type Collected } from '../support/collecting.ts';

const KEY = 'a-secret-of-32-characters-1234567';
const OBSERVED_AT = Date.UTC(2026, 10, 21, 10, 50) / 1000;
const NOW = new Date('2026-11-21T11:00:00Z');
const PARIS = { id: 'paris', name: 'Paris', latitude: 48.8566, longitude: 2.3522 };
const COTONOU = { id: 'cotonou', name: 'Cotonou', latitude: 6.3703, longitude: 2.3912 };
const LYON = { id: 'lyon', name: 'Lyon', latitude: 45.764, longitude: 4.8357 };
let upstream: OpenWeatherMapUpstream;
let server: RunningUpstreams;

beforeEach(async () => {
  upstream = new OpenWeatherMapUpstream(KEY, OBSERVED_AT);
  server = await startUpstreams([upstream]);
});
afterEach(() => server.close());

interface Options {
  readonly locations?: readonly unknown[];
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly key?: string | undefined;
  readonly state?: unknown;
  readonly now?: Date;
}

function collect(options: Options = {}): Promise<Collected> {
  const { locations = [PARIS, COTONOU, LYON], settings = {}, state, now = NOW } = options;
  const key = 'key' in options ? options.key : KEY;
  const access = { openWeatherMap: { url: server.addressOf('openweathermap'), key } };
  return collectOnce({ kind: openweathermap, settings: { ...settings, locations }, access, state, now });
}

const partsOf = ({ parts }: Collected) => parts.map(({ name, status }) => `${name} ${status}`);
const after = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
/** All records, output and log lines of a run, with the causes of its errors. */
const seenOf = (collected: Collected) => inspect(collected, { depth: Infinity, showHidden: true });

test('makes one call for each location and a document of each observation', async () => {
  const { documents, parts, state, error } = await collect({ locations: [PARIS, COTONOU] });
  expect(error).toBeUndefined();
  expect(upstream.requests).toEqual([
    { lat: '48.8566', lon: '2.3522', units: 'metric', lang: 'fr' },
    { lat: '6.3703', lon: '2.3912', units: 'metric', lang: 'fr' },
  ]);
  expect(documents[0]).toEqual({
    type: 'document',
    identity: { location: 'paris', observed_at: OBSERVED_AT },
    title: 'Paris: ciel dégagé, 20.5 °C',
    language: 'fr',
    publishedAt: new Date(OBSERVED_AT * 1000),
    payload: expect.objectContaining({
      location: PARIS,
      units: 'metric',
      observed_at: new Date(OBSERVED_AT * 1000),
      main: { temp: 20.5, feels_like: 19.8, temp_min: 18, temp_max: 22.25, pressure: 1015, humidity: 40 },
      rain_millimeters: { '1h': 0.2 },
      sunrise_at: new Date((OBSERVED_AT - 3600) * 1000),
    }),
  });
  expect(documents[0]?.payload).not.toHaveProperty('snow_millimeters');
  expect(parts).toEqual([
    { type: 'part', name: 'paris', status: 'success', items: 1 },
    { type: 'part', name: 'cotonou', status: 'success', items: 1 },
  ]);
  const asked = NOW.toISOString();
  expect(state).toEqual({
    locations: { paris: { dt: OBSERVED_AT, asked }, cotonou: { dt: OBSERVED_AT, asked } },
  });
});

test('yields a newer observation, but not the same again', async () => {
  const first = await collect();
  const second = await collect({ state: first.state, now: after(60) });
  expect(second.documents).toEqual([]);
  expect(partsOf(second)).toEqual(['paris unchanged', 'cotonou unchanged', 'lyon unchanged']);
  upstream.observedAt += 3600;
  const third = await collect({ state: second.state, now: after(120) });
  expect(third.documents.map(({ identity }) => identity)).toEqual(
    ['paris', 'cotonou', 'lyon'].map((location) => ({ location, observed_at: OBSERVED_AT + 3600 })),
  );
});

test('requests a location once in 10 minutes, also when the clock is set back', async () => {
  const first = await collect();
  upstream.observedAt += 60;
  const again = await collect({ state: first.state, now: after(9) });
  expect(partsOf(again)).toEqual(['paris unchanged', 'cotonou unchanged', 'lyon unchanged']);
  expect(upstream.requests).toHaveLength(3);
  expect((await collect({ state: first.state, now: after(10) })).documents).toHaveLength(3);
  expect((await collect({ state: first.state, now: after(-600) })).documents).toHaveLength(3);
});

test('locations that are no longer configured are removed from the state, with any id', async () => {
  const first = await collect({ locations: [PARIS, { ...LYON, id: 'constructor' }] });
  expect(first.documents).toHaveLength(2);
  const second = await collect({ locations: [COTONOU], state: first.state });
  expect(second.state).toEqual({ locations: { cotonou: expect.anything() } });
});

describe('a failing location does not stop the others', () => {
  test.each([
    ['a status 500', { status: 500, body: { cod: 500, message: 'Internal error' } }, 'server_error'],
    ['a code in text', { status: 200, body: { cod: '502', message: 'x' } }, 'server_error'],
    ['a code in a number', { status: 200, body: { cod: 500, message: 'x' } }, 'server_error'],
    ['404 in text', { status: 404, body: { cod: '404', message: 'city not found' } }, 'source_settings'],
    ['404 in text with status 200', { status: 200, body: { cod: '404' } }, 'source_settings'],
    ['400 as a number', { status: 400, body: { cod: 400, message: 'wrong latitude' } }, 'source_settings'],
    ['no JSON', { status: 200, body: '<html>' }, 'source_format'],
    [
      'no time of observation',
      { status: 200, body: { cod: 200, weather: [], main: { temp: 1 } } },
      'source_format',
    ],
    ['a time outside the range of dates', { status: 200, body: { cod: 200, dt: 9e15 } }, 'source_format'],
  ])('%s', async (_label, fault, errorClass) => {
    upstream.setFault(PARIS.latitude, fault);
    const { documents, parts, state, error } = await collect();
    expect(error).toBeUndefined();
    expect(documents.map(({ identity }) => identity['location'])).toEqual(['cotonou', 'lyon']);
    expect(parts[0]).toMatchObject({ name: 'paris', status: 'failed', error: { errorClass } });
    expect(state).toEqual({ locations: { cotonou: expect.anything(), lyon: expect.anything() } });
  });

  test('and each failure is told, so that one that a retry cannot help does not hide another', async () => {
    upstream.setFault(PARIS.latitude, { status: 404, body: { cod: '404' } });
    for (const { latitude } of [COTONOU, LYON]) upstream.setFault(latitude, { status: 500, body: {} });
    const { error, parts } = await collect();
    expect(error).toBeUndefined();
    expect(parts.map((part) => part.error)).toMatchObject([
      { errorClass: 'source_settings' },
      { errorClass: 'server_error' },
      { errorClass: 'server_error' },
    ]);
  });

  test('but the run ends after three locations without a network', async () => {
    const { locations } = { locations: [PARIS, COTONOU, LYON, { ...PARIS, id: 'fourth' }] };
    const access = { openWeatherMap: { url: 'http://127.0.0.1:1', key: KEY } };
    const collected = await collectOnce({ kind: openweathermap, settings: { locations }, access });
    expect(collected.error).toMatchObject({ errorClass: 'network' });
    expect(partsOf(collected)).toEqual(['paris failed', 'cotonou failed']);
  });
});

describe('a problem with the key', () => {
  test('is permanent and says that a new key takes time to work', async () => {
    const collected = await collect({ key: 'another-secret-that-is-wrong' });
    expect(collected.error).toMatchObject({
      outcome: 'permanent',
      errorClass: 'source_refused',
      message: expect.stringContaining('2 hours'),
    });
    expect(upstream.requests).toHaveLength(1);
    expect(seenOf(collected)).not.toContain('another-secret');
  });

  test.each([401, '401', 403])('ends the run also as code %j within a response', async (cod) => {
    upstream.setFault(PARIS.latitude, { status: 200, body: { cod, message: `Invalid API key ${KEY}` } });
    const collected = await collect();
    expect(collected.error).toMatchObject({ errorClass: 'source_refused' });
    expect(seenOf(collected)).not.toContain(KEY);
  });

  test('after a rate limit waits as long as the service says, and keeps what was collected', async () => {
    const headers = { 'Retry-After': '120' };
    upstream.setFault(COTONOU.latitude, { status: 429, body: { cod: 429 }, headers });
    const collected = await collect();
    expect(collected.error).toMatchObject({
      outcome: 'later',
      errorClass: 'source_limited',
      availableAt: expect.any(Date),
    });
    expect(collected.state).toEqual({ locations: { paris: expect.anything() } });
    upstream.setFault(COTONOU.latitude, { status: 200, body: { cod: '429' } });
    expect((await collect()).error).toMatchObject({ errorClass: 'source_limited' });
  });

  test('disables the source without a key', async () => {
    const access = { openWeatherMap: { url: '', key: undefined } };
    const others = { kaggle: { url: '', credentials: undefined }, gdelt: { url: '' } };
    expect(openweathermap.missingKey({ ...others, ...access })).toBe('OWM_API_KEY');
    expect(openweathermap.missingKey({ ...others, openWeatherMap: { url: '', key: KEY } })).toBeUndefined();
    expect((await collect({ key: undefined })).error).toMatchObject({ errorClass: 'source_settings' });
    expect(upstream.requests).toEqual([]);
  });
});

test('the key is not in anything that is recorded, shown or logged', async () => {
  upstream.setFault(PARIS.latitude, { status: 500, body: { message: KEY } });
  upstream.setFault(LYON.latitude, { status: 404, body: { cod: '404', message: KEY } });
  const partial = await collect();
  expect(partsOf(partial)).toEqual(['paris failed', 'cotonou success', 'lyon failed']);
  expect(seenOf(partial)).not.toContain(KEY);
  await server.close();
  const unreachable = await collect();
  expect(unreachable.error).toMatchObject({ errorClass: 'network' });
  expect(seenOf(unreachable)).not.toContain(KEY);
});
