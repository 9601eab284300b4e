/**
 * Completes the player of a video: its waveform, on which a place can be chosen, and keys. Without this script the player of the
 * browser stands alone; without peaks it does so too.
 */
import WaveSurfer from 'wavesurfer.js';

/** What /videos/:id/peaks sends: JSON of audiowaveform, 8 bits. @typedef {{ data: number[] }} Peaks */

const STEP_SECONDS = 5;
const LONG_STEP_SECONDS = 30;
const HEIGHT_PIXELS = 96;
/** Less is drawn louder than it is, more is silence. */
const FULL_SCALE = 128;

for (const player of document.querySelectorAll('[data-player]')) {
  const audio = player.querySelector('audio');
  if (player instanceof HTMLElement && audio) complete(player, audio);
}

/** @param {HTMLElement} player @param {HTMLAudioElement} audio */
function complete(player, audio) {
  const failed = player.querySelector('[data-failed]');
  audio.addEventListener('error', () => failed?.removeAttribute('hidden'));
  audio.addEventListener('loadedmetadata', () => failed?.setAttribute('hidden', ''));
  player.addEventListener('keydown', (event) => {
    if (event.target !== audio && event instanceof KeyboardEvent) pressed(event, audio);
  });
  const { peaks } = player.dataset;
  if (peaks) void drawWaveform(player, audio, peaks);
}

/** @param {KeyboardEvent} event @param {HTMLAudioElement} audio */
function pressed(event, audio) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target instanceof HTMLAnchorElement) return;
  const step = event.shiftKey ? LONG_STEP_SECONDS : STEP_SECONDS;
  switch (event.key) {
    case ' ':
    case 'Enter':
      if (audio.paused) void audio.play().catch(() => undefined);
      else audio.pause();
      break;
    case 'ArrowLeft':
    case 'ArrowDown':
      audio.currentTime = Math.max(0, audio.currentTime - step);
      break;
    case 'ArrowRight':
    case 'ArrowUp':
      audio.currentTime = Math.min(secondsOf(audio), audio.currentTime + step);
      break;
    case 'Home':
      audio.currentTime = 0;
      break;
    case 'End':
      audio.currentTime = secondsOf(audio);
      break;
    default:
      return;
  }
  event.preventDefault();
}

/** @param {HTMLMediaElement} audio */
function secondsOf(audio) {
  return Number.isFinite(audio.duration) ? audio.duration : audio.currentTime;
}

/** @param {HTMLElement} player @param {HTMLAudioElement} audio @param {string} address */
async function drawWaveform(player, audio, address) {
  const container = player.querySelector('.waveform');
  const seconds = Number(player.dataset.seconds);
  const response = await fetch(address).catch(() => undefined);
  if (!(container instanceof HTMLElement) || !response?.ok || !(seconds > 0)) return;
  /** @type {Peaks} */
  const { data } = await response.json();
  container.hidden = false;
  player.querySelector('[data-keys]')?.removeAttribute('hidden');
  const waveform = WaveSurfer.create({
    container,
    media: audio,
    peaks: [loudness(data)],
    duration: seconds,
    height: HEIGHT_PIXELS,
    // A quiet recording is seen as well.
    normalize: true,
    cspNonce: document.documentElement.dataset.styleNonce ?? '',
    ...colours(),
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => waveform.setOptions(colours()));
  container.setAttribute('aria-valuemin', '0');
  container.setAttribute('aria-valuemax', String(Math.round(seconds)));
  const showPlace = () => {
    container.setAttribute('aria-valuenow', String(Math.round(audio.currentTime)));
    container.setAttribute('aria-valuetext', clock(audio.currentTime));
  };
  // Not while it plays: a screen reader would say every second.
  for (const event of ['seeked', 'play', 'pause']) audio.addEventListener(event, showPlace);
  container.addEventListener('focus', showPlace);
  showPlace();
}

/** The greater of each pair, from 0 to 1. @param {number[]} data */
function loudness(data) {
  const values = new Float32Array(Math.floor(data.length / 2));
  for (let index = 0; index < values.length; index += 1) {
    values[index] = Math.max(Math.abs(data[2 * index] ?? 0), Math.abs(data[2 * index + 1] ?? 0)) / FULL_SCALE;
  }
  return values;
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const colour = (name) => style.getPropertyValue(name).trim();
  return { waveColor: colour('--faint'), progressColor: colour('--accent'), cursorColor: colour('--ink') };
}

/** `1:02:03`. @param {number} seconds */
function clock(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return (parts[0] === 0 ? parts.slice(1) : parts).map((part) => String(part).padStart(2, '0')).join(':');
}
