import { Safari12 } from 'mediasoup-client/handlers/Safari12';
import { createSfuEngine, type EngineMaker } from './sfu-engine.ts';

export const createEngine: EngineMaker = (gatewayCapabilities, certificates) =>
  createSfuEngine(Safari12.createFactory({}), gatewayCapabilities, certificates);
