import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { createSfuEngine, type EngineMaker } from './sfu-engine.ts';

export const createEngine: EngineMaker = async (gatewayCapabilities, certificates) => {
  const engine = await createSfuEngine(Chrome111.createFactory({}), gatewayCapabilities, certificates);
  return { ...engine, canLayer: true };
};
