import { ClientError } from '../errors.ts';
import type { MediaEngineLoader } from '../media-engine.ts';
import type { EngineMaker } from './sfu-engine.ts';

/** A browser that is known to work, by the handler it needs. */
export type BrowserFamily = 'chromium' | 'firefox' | 'safari';

/** Loads the media engine for the browser this page runs in, and for no other. */
export const loadBrowserEngine: MediaEngineLoader = async (gatewayCapabilities) => {
  if (typeof RTCPeerConnection === 'undefined') throw new ClientError('unsupported-browser');
  const family = browserFamily(navigator.userAgent, navigator.maxTouchPoints);
  const [{ createEngine }, certificate] = await Promise.all([
    ENGINES[family](),
    // One for all transports of this page: making one takes longer than anything else in a handshake.
    RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as AlgorithmIdentifier),
  ]);
  return createEngine(gatewayCapabilities, [certificate]);
};

// Each holds all it needs, so that a browser loads one file; they have most of it in common, and no page loads two.
// `bundle-engines.mjs` does that to the published package.
const ENGINES: Readonly<Record<BrowserFamily, () => Promise<{ readonly createEngine: EngineMaker }>>> = {
  chromium: () => import('./engine-for-chromium.ts'),
  firefox: () => import('./engine-for-firefox.ts'),
  safari: () => import('./engine-for-safari.ts'),
};

/** The family of a browser: all on iOS are WebKit, whatever they call themselves. Throws for those that are too old. */
export function browserFamily(userAgent: string, maxTouchPoints: number): BrowserFamily {
  const isIos = /iPad|iPhone|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
  if (isIos) return 'safari';
  if (isThere(userAgent, /(?:\b|Headless)Chrom(?:e|ium)\/(\d+)/, 111, 'Chromium')) return 'chromium';
  if (isThere(userAgent, /\bFirefox\/(\d+)/, 120, 'Firefox')) return 'firefox';
  if (/\bAppleWebKit\//.test(userAgent)) return 'safari';
  throw new ClientError('unsupported-browser');
}

function isThere(userAgent: string, pattern: RegExp, versionMin: number, name: string): boolean {
  const version = pattern.exec(userAgent)?.[1];
  if (version === undefined) return false;
  if (Number(version) >= versionMin) return true;
  throw new ClientError('unsupported-browser', `${name} ${versionMin} or later is needed`);
}
