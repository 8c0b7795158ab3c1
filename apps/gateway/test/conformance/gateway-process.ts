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
// A test run that is cut short must not leave its gateway behind.
process.once('disconnect', () => process.exit(1));
process.send?.({ url: gateway.url });
