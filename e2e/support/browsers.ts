import { chromium, firefox, type Browser } from '@playwright/test';
import process from 'node:process';
import type { FakeMedia } from './fake-media.ts';

/** How a browser differs from one in which everything is there and allowed. */
export interface ChromiumOptions {
  /** `false`: a machine without a camera. */
  readonly hasCamera?: boolean;
  /** `false`: a machine without either. */
  readonly hasDevices?: boolean;
  /** Whether a page that is left may be kept whole, and be back at once when the person goes back. */
  readonly hasPageCache?: boolean;
  /** The person says no when the page asks for the microphone or the camera. */
  readonly isDenied?: boolean;
  /** Whether a page may play sound before the person has touched it. Default: it may. */
  readonly mayPlayUnasked?: boolean;
}

/**
 * Starts a Chromium with this voice and this face. One person is one browser process: the files of a fake microphone
 * and a fake camera can only be given to a whole process.
 */
export function launchChromium(media: FakeMedia, options: ChromiumOptions = {}): Promise<Browser> {
  const { hasCamera = true, hasDevices = true, hasPageCache = false } = options;
  const { isDenied = false, mayPlayUnasked = true } = options;
  return chromium.launch({
    ...executable('PARLEY_CHROMIUM'),
    ...(hasPageCache ? { ignoreDefaultArgs: ['--disable-back-forward-cache'] } : {}),
    args: [
      // The tests run as whoever they run as, in a container as root.
      '--no-sandbox',
      ...(hasDevices ? [`--use-fake-device-for-media-stream${hasCamera ? '' : '=device-count=0'}`] : []),
      isDenied ? '--use-fake-ui-for-media-stream=deny' : '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-audio-capture=${media.voice}`,
      ...(hasCamera ? [`--use-file-for-fake-video-capture=${media.face}`] : []),
      ...(mayPlayUnasked ? ['--autoplay-policy=no-user-gesture-required'] : []),
      '--allow-loopback-in-peer-connection',
      // A page that a test hands out in place of the gateway has no address, and may then not reach a local one.
      '--disable-features=LocalNetworkAccessChecks',
      // Otherwise it looks for updates, which on a closed network takes long and says much.
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** How a Firefox differs from one in which everything is there and allowed. */
export type FirefoxOptions = Pick<ChromiumOptions, 'hasDevices'>;

/**
 * Starts a Firefox whose fake microphone plays a tone of 1000 Hz and whose fake camera shows changing colours; or that of
 * a machine with neither, and without a sound card.
 */
export async function launchFirefox({ hasDevices = true }: FirefoxOptions = {}): Promise<Browser> {
  const isPlaywrights = process.env['PARLEY_FIREFOX_PROTOCOL'] === 'juggler';
  const browser = await firefox.launch({
    ...executable('PARLEY_FIREFOX'),
    ...(isPlaywrights ? {} : { channel: 'moz-firefox' }),
    firefoxUserPrefs: {
      'media.navigator.streams.fake': hasDevices,
      'media.navigator.permission.disabled': true,
      'media.autoplay.default': 0,
      // A sound card where there is none: otherwise every AudioContext stays suspended. It comes with microphones.
      'media.cubeb.force_mock_context': hasDevices,
    },
  });
  if (!isPlaywrights) swallowUnknownEmulation(browser);
  return browser;
}

function executable(variable: string): { executablePath?: string } {
  const named = process.env[variable];
  // Absent, Playwright takes the browser that it has downloaded itself.
  return named === undefined || named === '' ? {} : { executablePath: named };
}

interface BidiSession {
  send: (method: string, params?: unknown) => Promise<unknown>;
}

/**
 * Playwright sends a stock Firefox a command for every context that the extended support release does not know yet.
 * It has no effect on us, so it is answered here. This reaches into Playwright; the version is pinned for that reason.
 */
function swallowUnknownEmulation(browser: Browser): void {
  const { _connection: connection } = browser as unknown as {
    _connection: { toImpl(object: unknown): { _browserSession: BidiSession } };
  };
  const { _browserSession: own } = connection.toImpl(browser);
  const session = Object.getPrototypeOf(own) as BidiSession;
  const { send } = session;
  session.send = function (this: BidiSession, method, params) {
    if (method === 'emulation.setMediaFeaturesOverride') return Promise.resolve({});
    return send.call(this, method, params);
  };
}
