import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { GatewayConfig } from '../config.ts';
import { AddressRefused, createAddressGuard, portOf, type AddressGuard } from '../out/address-guard.ts';
import { odd, sentenceOf, well, wrong, type Finding } from './finding.ts';

const CONNECT_MS = 5000;

/** Whether the application can be reached. It is connected to and not asked: a request could begin something. */
export async function applicationFindings(config: GatewayConfig): Promise<readonly Finding[]> {
  const { voice } = config;
  if (voice === undefined) {
    if (config.demo) return [well('The demo’s application answers calls')];
    if (config.peerCalls) return [well('Calls go to the client of the name that was asked for')];
    const remedy =
      'Set PARLEY_VOICE_URL to the URL that answers calls, or give every token or client an application.';
    return [odd('No application answers calls by default', remedy)];
  }
  let guard: AddressGuard;
  try {
    guard = createAddressGuard({ allow: config.allow });
  } catch (error) {
    return [
      wrong(
        `PARLEY_ALLOW cannot be read: ${sentenceOf(error)}`,
        'List hosts, host:port or networks, with commas.',
      ),
    ];
  }
  const urls = [voice.url, ...(voice.fallbackUrl === undefined ? [] : [voice.fallbackUrl])];
  return Promise.all(urls.map((url) => reach(new URL(url), guard)));
}

async function reach(url: URL, guard: AddressGuard): Promise<Finding> {
  const refused = guard.check(url);
  const failure = refused ?? (await connect(url, guard));
  if (failure === undefined) return well(`The application at ${url.origin} can be reached`);
  const what = `The application at ${url.origin} cannot be reached: ${sentenceOf(failure)}`;
  if (failure instanceof AddressRefused) {
    return wrong(what, `If it is meant to be there, allow it: PARLEY_ALLOW=${url.host}`);
  }
  const { code = '' } = failure as NodeJS.ErrnoException;
  return wrong(what, REMEDIES[code] ?? (/CERT|TLS|SSL/.test(code) ? CERTIFICATE : REACHABLE));
}

const REACHABLE = 'Check that it runs and that this machine may connect to it.';
const CERTIFICATE = 'Check its certificate: its name, its dates and its chain.';
const REMEDIES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'Check the host name in PARLEY_VOICE_URL.',
  ECONNREFUSED: 'Nothing listens there: start it, or check the port in PARLEY_VOICE_URL.',
};

function connect(url: URL, guard: AddressGuard): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const port = portOf(url);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const lookup = guard.lookupFor(port);
    const isTls = url.protocol === 'https:';
    const socket: Socket = isTls
      ? connectTls({ host, port, ...(isIP(host) === 0 && { servername: host }), lookup })
      : connectTcp({ host, port, lookup });
    const done = (failure?: Error): void => {
      socket.destroy();
      resolve(failure);
    };
    socket.setTimeout(CONNECT_MS, () => done(new Error(`no connection within ${CONNECT_MS / 1000} s`)));
    socket.once(isTls ? 'secureConnect' : 'connect', () => done());
    socket.once('error', done);
  });
}
