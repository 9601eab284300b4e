import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendJson, type JsonResponse, type Upstream } from './upstream.ts';

/** The current weather of OpenWeatherMap (`/weather`) for any place, generated from its coordinates. */
export class OpenWeatherMapUpstream implements Upstream {
  readonly name = 'openweathermap';
  /** The query of each request, without the key. */
  readonly requests: Readonly<Record<string, string>>[] = [];
  /** The key that is accepted. */
  readonly key: string;
  /** The time of the observations, in seconds since 1970. */
  observedAt: number;
  readonly #faults = new Map<string, JsonResponse>();

  constructor(key: string, observedAt = Math.floor(Date.now() / 1000)) {
    this.key = key;
    this.observedAt = observedAt;
  }

  /** Sets the response for one place, until it is cleared with `undefined`. */
  setFault(latitude: number, fault: JsonResponse | undefined): void {
    if (fault === undefined) this.#faults.delete(String(latitude));
    else this.#faults.set(String(latitude), fault);
  }

  handle(_request: IncomingMessage, response: ServerResponse, path: URL): void {
    const { appid, ...query } = Object.fromEntries(path.searchParams);
    this.requests.push(query);
    const fault = this.#faults.get(query['lat'] ?? '');
    if (path.pathname !== '/weather') {
      sendJson(response, { status: 404, body: { cod: '404', message: 'Internal error' } });
    } else if (appid !== this.key) {
      sendJson(response, { status: 401, body: { cod: 401, message: `Invalid API key ${appid ?? ''}.` } });
    } else {
      sendJson(response, fault ?? { status: 200, body: this.#weatherOf(query) });
    }
  }

  #weatherOf(query: Readonly<Record<string, string | undefined>>) {
    const [lat, lon] = [Number(query['lat']), Number(query['lon'])];
    return {
      coord: { lat, lon },
      weather: [
        {
          id: 800,
          main: 'Clear',
          description: query['lang'] === 'fr' ? 'ciel dégagé' : 'clear sky',
          icon: '01d',
        },
      ],
      base: 'stations',
      main: { temp: 20.5, feels_like: 19.8, temp_min: 18, temp_max: 22.25, pressure: 1015, humidity: 40 },
      visibility: 10000,
      wind: { speed: 3.6, deg: 250 },
      rain: { '1h': 0.2 },
      clouds: { all: 0 },
      dt: this.observedAt,
      sys: { type: 2, id: 1, country: 'FR', sunrise: this.observedAt - 3600, sunset: this.observedAt + 3600 },
      timezone: 3600,
      id: Math.round(Math.abs(lat * 1000)),
      name: `Station ${String(lat)}`,
      cod: 200,
    };
  }
}
