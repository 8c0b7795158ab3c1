import { access, constants, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import type { GatewayConfig } from '../config.ts';
import { sentenceOf, well, wrong, type Finding } from './finding.ts';
import { isRecord } from './gateway-access.ts';

const NODE_MAJOR_MIN = 24;
const HEALTH_MS = 2000;

export function nodeFinding(version: string): Finding {
  if (Number(version.split('.', 1)[0]) >= NODE_MAJOR_MIN) return well(`Node ${version}`);
  return wrong(`Node ${version} is too old`, `Install Node ${NODE_MAJOR_MIN} or newer.`);
}

/** Whether a gateway answers there now; then its ports are taken, and rightly so. */
export async function isGatewayRunning(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(HEALTH_MS) });
    const health: unknown = await response.json();
    return isRecord(health) && 'workers' in health;
  } catch {
    return false;
  }
}

export async function portFindings(
  { host, port }: Pick<GatewayConfig, 'host' | 'port'>,
  url: string,
  isRunning: boolean,
): Promise<readonly Finding[]> {
  if (isRunning) return [well(`A gateway answers at ${url}`)];
  const failure = await listenOnce(host, port);
  if (failure === undefined) return [well(`Port ${port} of ${host} is free for HTTP and WebSocket`)];
  switch (failure.code) {
    case 'EADDRINUSE':
      return [
        wrong(
          `Port ${port} of ${host} is taken by another program`,
          'Stop that program, or set PARLEY_PORT.',
        ),
      ];
    case 'EACCES':
      return [
        wrong(
          `Port ${port} may not be opened by this user`,
          'Set PARLEY_PORT to 1024 or above, behind a proxy.',
        ),
      ];
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return [
        wrong(
          `${host} is not an address of this machine`,
          'Set PARLEY_HOST to one of its own, or to 0.0.0.0.',
        ),
      ];
    default:
      return [
        wrong(
          `Port ${port} of ${host} cannot be opened: ${sentenceOf(failure)}`,
          'Set PARLEY_HOST and PARLEY_PORT.',
        ),
      ];
  }
}

function listenOnce(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}

export async function dataFindings({
  storePath,
}: Pick<GatewayConfig, 'storePath'>): Promise<readonly Finding[]> {
  if (storePath === ':memory:') return [well('Nothing is kept: PARLEY_DATA is :memory:')];
  const folder = dirname(storePath);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return [well(`The data folder ${folder} can be written`)];
  } catch (error) {
    const what = `The data folder ${folder} cannot be written: ${sentenceOf(error)}`;
    return [wrong(what, 'Give it to the user who runs the gateway, or set PARLEY_DATA to another.')];
  }
}
