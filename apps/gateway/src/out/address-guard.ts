import { createHostLookup, type Lookup } from './host-lookup.ts';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** Why a URL is not asked. */
export class AddressRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'AddressRefused';
  }
}

/** Keeps documents and callbacks away from addresses that the operator has not allowed. */
export interface AddressGuard {
  /** Judges what can be judged before a name is looked up: scheme, our own paths, and addresses written as such. */
  check(url: URL): AddressRefused | undefined;
  /** Looks names up for connections to this port, and answers only addresses that may be dialled. */
  lookupFor(port: number): LookupFunction;
}

/** What a guard is told. */
export interface AddressGuardOptions {
  /**
   * What is allowed although it is not public: a host (`hooks.internal`), a host with its port (`127.0.0.1:8080`), or
   * a network (`10.1.0.0/16`). A host's name allows whatever it resolves to.
   */
  readonly allow?: readonly string[];
  /** Whether a URL is the gateway's own REST or socket path, which is never asked (D21). */
  readonly isOwnUrl?: (url: URL) => boolean;
  readonly lookup?: Lookup;
}

/** A guard that allows public addresses and what the operator lists. Throws when an entry cannot be read. */
export function createAddressGuard(options: AddressGuardOptions = {}): AddressGuard {
  const { isOwnUrl = () => false, lookup = createHostLookup() } = options;
  const allowed = readAllowList(options.allow ?? []);

  const mayDial = (address: string, host: string, port: number): boolean =>
    isPublicAddress(address) ||
    allowed.hosts.has(host) ||
    allowed.hosts.has(`${host}:${port}`) ||
    allowed.hosts.has(bracketed(address)) ||
    allowed.hosts.has(`${bracketed(address)}:${port}`) ||
    isListed(allowed.networks, address);

  return {
    check(url) {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') {
        return new AddressRefused(`The scheme ${url.protocol} is neither http nor https.`);
      }
      if (isOwnUrl(url)) return new AddressRefused('The URL is a path of the gateway itself.');
      const address = unbracketed(url.hostname);
      // A connection to a literal address asks no lookup, so it is judged here.
      if (isIP(address) === 0 || mayDial(address, url.hostname, portOf(url))) return undefined;
      return new AddressRefused(`The address ${address} is not public, and the operator has not allowed it.`);
    },

    lookupFor(port) {
      return (hostname, { all }, callback) => {
        lookup(hostname, (error, addresses) => {
          if (error) return callback(error, '');
          const dialable = addresses.filter(({ address }) => mayDial(address, hostname.toLowerCase(), port));
          const [first] = dialable;
          if (first === undefined) {
            callback(
              new AddressRefused(`${hostname} leads to an address that the operator has not allowed.`),
              '',
            );
          } else if (all === true) callback(null, dialable);
          else callback(null, first.address, first.family);
        });
      };
    },
  };
}

/** The port that is dialled for a URL. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}

// RFC 6890 and its successors: what is not reachable from everywhere, or not one host.
const notPublic = new BlockList();
for (const network of [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  // Teredo, documentation and 6to4 lie within the public range and lead elsewhere than they say.
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
]) {
  addNetwork(notPublic, network);
}
const globalUnicast = new BlockList();
addNetwork(globalUnicast, '2000::/3');
const mapped = new BlockList();
addNetwork(mapped, '::ffff:0:0/96');

/** Whether an address can be one that everybody can reach. An address that cannot be read is not. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublic.check(address, 'ipv4');
    case 6:
      // A list of IPv4 networks also finds their addresses in IPv6 clothing.
      if (notPublic.check(address, 'ipv6')) return false;
      return globalUnicast.check(address, 'ipv6') || mapped.check(address, 'ipv6');
    default:
      return false;
  }
}

interface AllowList {
  /** Names and addresses as a URL writes them, alone or with a port. */
  readonly hosts: ReadonlySet<string>;
  readonly networks: BlockList;
}

function readAllowList(entries: readonly string[]): AllowList {
  const hosts = new Set<string>();
  const networks = new BlockList();
  for (const entry of entries) {
    const written = entry.trim();
    if (written.includes('/')) addNetwork(networks, written);
    else hosts.add(readHost(written));
  }
  return { hosts, networks };
}

function readHost(written: string): string {
  const host = isIP(written) === 6 ? `[${written}]` : written;
  // The port is read by itself, because a URL leaves out the usual one of its scheme.
  const port = /:(\d+)$/.exec(host.replace(/^\[.*\]/, ''))?.[1];
  const url = URL.parse(`http://${host}`);
  if (url === null || url.host === '' || url.pathname !== '/' || url.username !== '' || url.search !== '') {
    throw new Error(`"${written}" in the list of allowed addresses is no host, host:port or network.`);
  }
  return port === undefined ? url.hostname : `${url.hostname}:${port}`;
}

function addNetwork(list: BlockList, written: string): void {
  const [address = '', prefix = ''] = written.split('/');
  const family = isIP(address);
  const length = /^\d{1,3}$/.test(prefix) ? Number(prefix) : NaN;
  if (family === 0 || !(length <= (family === 4 ? 32 : 128))) {
    throw new Error(`"${written}" in the list of allowed addresses is no network.`);
  }
  list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6');
}

function isListed(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}

function unbracketed(hostname: string): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}
