// A gateway in a process of its own, to be killed: everything real but the packets.
import { readConfig } from '../../src/config.ts';
import { createGateway } from '../../src/gateway.ts';
import { createLog } from '../../src/log.ts';
import { StagedPlane } from './staged-plane.ts';

const config = readConfig(process.env);
const gateway = await createGateway({
  config,
  log: createLog({ level: config.logLevel, isPretty: false }),
  media: new StagedPlane(),
});
process.send?.({ url: gateway.url });
