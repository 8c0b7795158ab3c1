import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { GatewayConfig } from '../config.ts';
import { isPublicAddress } from '../out/address-guard.ts';
import { odd, well, wrong, type Finding } from './finding.ts';

const LOOPBACK = /^(127\.|::1$|localhost$)/;

/** Whether browsers elsewhere would be told an address that they can reach. */
export function announcedFindings(
  { host, media }: Pick<GatewayConfig, 'host' | 'media'>,
  own: readonly string[] = ownAddresses(),
): readonly Finding[] {
  const { announcedAddress: announced, addresses } = media;
  const isLocal = LOOPBACK.test(host);
  const findings: Finding[] = [];
  if (announced !== undefined && isIP(announced) === 0) {
    const remedy =
      'Set PARLEY_ANNOUNCED_ADDRESS to the IP address that browsers send media to; names are not looked up.';
    findings.push(wrong(`The announced address ${announced} is no IP address`, remedy));
  } else if (announced !== undefined) {
    findings.push(announcedFinding(announced));
  } else {
    findings.push(listenedFinding(addresses.length > 0 ? addresses : own, isLocal));
  }
  for (const address of addresses) {
    if (
      isIP(address) !== 0 &&
      (own.includes(address) || LOOPBACK.test(address) || /^(0\.0\.0\.0|::)$/.test(address))
    )
      continue;
    findings.push(
      wrong(
        `${address} is not an address of this machine`,
        `Set PARLEY_MEDIA_ADDRESSES to some of: ${own.join(', ')}.`,
      ),
    );
  }
  if (!isLocal) {
    findings.push(
      odd(
        `HTTP is served on ${host} without TLS`,
        'Put a TLS proxy in front: browsers open microphones on https and on localhost only.',
      ),
    );
  }
  return findings;
}

function announcedFinding(announced: string): Finding {
  if (isPublicAddress(announced)) return well(`Browsers are told to send media to ${announced}`);
  const remedy =
    'That is right for one network; for the Internet set PARLEY_ANNOUNCED_ADDRESS to the public address.';
  return odd(`Browsers are told to send media to ${announced}, which is not public`, remedy);
}

function listenedFinding(addresses: readonly string[], isLocal: boolean): Finding {
  if (addresses.some((address) => isIP(address) !== 0 && isPublicAddress(address))) {
    return well('Browsers are told a public address of this machine for media');
  }
  if (isLocal) return well('Browsers on this machine are told its own addresses for media');
  const remedy =
    'For browsers elsewhere set PARLEY_ANNOUNCED_ADDRESS to the public address, and open the media ports there.';
  return odd('No address of this machine is public, and none is announced', remedy);
}

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
}
