import { Firefox120 } from 'mediasoup-client/handlers/Firefox120';
import { createSfuEngine, type EngineMaker } from './sfu-engine.ts';

export const createEngine: EngineMaker = async (gatewayCapabilities, certificates) => {
  const engine = await createSfuEngine(Firefox120.createFactory({}), gatewayCapabilities, certificates);
  return { ...engine, canLayer: true };
};
