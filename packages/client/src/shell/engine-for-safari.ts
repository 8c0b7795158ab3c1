import { Safari12 } from 'mediasoup-client/handlers/Safari12';
import { createSfuEngine, type EngineMaker } from './sfu-engine.ts';

// It sends a picture in one size: its handler does that the old way, which has not been seen to work.
export const createEngine: EngineMaker = (gatewayCapabilities, certificates) =>
  createSfuEngine(Safari12.createFactory({}), gatewayCapabilities, certificates);
