import { createMediasoupPlane, type MediasoupPlaneOptions } from '@parley/media-mediasoup';
import type { GatewayConfig } from '../config.ts';
import { sentenceOf, well, wrong, type Finding } from './finding.ts';

/** Starts the SFU as the gateway would, and stops it again. Beside a gateway that runs, one worker on a free port. */
export async function mediaFindings(
  { media }: Pick<GatewayConfig, 'media'>,
  isRunning: boolean,
): Promise<readonly Finding[]> {
  const common: MediasoupPlaneOptions = {
    log: () => undefined,
    ...(media.workerBin !== undefined && { workerBin: media.workerBin }),
    ...(media.addresses.length > 0 && { listen: media.addresses.map((ip) => ({ ip })) }),
    ...(media.announcedAddress !== undefined && { announcedAddress: media.announcedAddress }),
  };
  const started = await start({ ...common, basePort: 0, workers: 1 });
  if (typeof started === 'string') {
    const what = `The SFU worker does not start: ${started}`;
    return [wrong(what, 'Run the set-up again, or name a worker that runs here in MEDIASOUP_WORKER_BIN.')];
  }
  if (isRunning) return [well('The SFU worker runs')];
  const { workers } = media;
  const listening = await start({
    ...common,
    basePort: media.basePort,
    ...(workers !== undefined && { workers }),
  });
  if (typeof listening === 'string') {
    const what = `The SFU cannot listen: ${listening}`;
    const remedy = `Free the ports from ${media.basePort} on, UDP and TCP, or set PARLEY_MEDIA_PORT and PARLEY_MEDIA_ADDRESSES.`;
    return [well('The SFU worker runs'), wrong(what, remedy)];
  }
  const last = media.basePort + listening - 1;
  const ports = media.basePort === 0 ? 'free ports' : `ports ${media.basePort} to ${last}, UDP and TCP`;
  return [well('The SFU worker runs'), well(`${listening} SFU workers can listen: ${ports}`)];
}

/** The number of workers that listened, or why they did not. */
async function start(options: MediasoupPlaneOptions): Promise<number | string> {
  try {
    await using plane = await createMediasoupPlane(options);
    return plane.health.workersAlive;
  } catch (error) {
    return sentenceOf(error);
  }
}
