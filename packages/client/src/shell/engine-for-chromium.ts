import { Chrome111 } from 'mediasoup-client/handlers/Chrome111';
import { createSfuEngine, type EngineMaker } from './sfu-engine.ts';

export const createEngine: EngineMaker = (gatewayCapabilities, certificates) =>
  createSfuEngine(Chrome111.createFactory({}), gatewayCapabilities, certificates);
