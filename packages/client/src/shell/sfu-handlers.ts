// When the package is built for publishing, this module is replaced by a bundle of itself (bundle-media.mjs): an
// application's bundler would otherwise take in all of mediasoup-client, because one of its modules asks for its index.
import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import { Safari12 } from 'mediasoup-client/handlers/Safari12';
import { ClientError } from '../errors.ts';
import type { MediaEngineLoader } from '../media-engine.ts';
import { createSfuEngine, type HandlerFactory } from './sfu-engine.ts';

/** Makes the media engine for the browser this page runs in. */
export const createBrowserEngine: MediaEngineLoader = async (gatewayCapabilities) => {
  const handlerFactory = chooseHandler(navigator.userAgent);
  // One for all transports of this page: making one takes longer than anything else in a handshake.
  const certificate = await RTCPeerConnection.generateCertificate({
    name: 'ECDSA',
    namedCurve: 'P-256',
  } as AlgorithmIdentifier);
  return createSfuEngine(handlerFactory, gatewayCapabilities, [certificate]);
};

/** The handler for a browser: all on iOS are WebKit, whatever they call themselves. */
export function chooseHandler(userAgent: string): HandlerFactory {
  if (typeof RTCPeerConnection === 'undefined') throw new ClientError('unsupported-browser');
  const isIos =
    /iPad|iPhone|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && navigator.maxTouchPoints > 1);
  if (isIos) return Safari12.createFactory({});
  const chromium = /\bChrom(?:e|ium)\/(\d+)/.exec(userAgent);
  if (chromium !== null) {
    if (Number(chromium[1]) < 111)
      throw new ClientError('unsupported-browser', 'Chromium 111 or later is needed');
    return Chrome111.createFactory({});
  }
  const firefox = /\bFirefox\/(\d+)/.exec(userAgent);
  if (firefox !== null) {
    if (Number(firefox[1]) < 120)
      throw new ClientError('unsupported-browser', 'Firefox 120 or later is needed');
    return Firefox120.createFactory({});
  }
  if (/\bAppleWebKit\//.test(userAgent)) return Safari12.createFactory({});
  throw new ClientError('unsupported-browser');
}
