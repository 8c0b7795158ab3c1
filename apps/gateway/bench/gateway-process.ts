import { readConfig } from '../src/config.ts';
import { createGateway } from '../src/gateway.ts';
import { createLog } from '../src/log.ts';
import { Identity } from '@parley/protocol';
import * as v from 'valibot';
import type { CpuUsed, GatewayQuestion, Measure } from './measured-gateway.ts';

const config = readConfig({
  // A load of one account from one machine is what is wanted here.
  PARLEY_ACCOUNT_CALLS_PER_SECOND: '100000',
  PARLEY_ACCOUNT_CALLS_MAX: '100000',
  ...process.env,
  PARLEY_PORT: '0',
  PARLEY_MEDIA_PORT: '0',
  PARLEY_MEDIA_ADDRESSES: '127.0.0.1',
  PARLEY_DATA: ':memory:',
  PARLEY_DEMO: 'on',
  PARLEY_WORKERS: '1',
});
const gateway = await createGateway({ config, log: createLog({ level: config.logLevel }) });

process.on('message', (question: GatewayQuestion) => {
  switch (question.type) {
    case 'measure':
      return void process.send?.(measure());
    case 'cpu':
      return void process.send?.(cpuUsed());
    case 'counts':
      return void process.send?.(gateway.counts());
    case 'token':
      return void gateway.demo
        ?.mintToken(v.parse(Identity, question.identity))
        .then((token) => process.send?.({ token }));
  }
});

function cpuUsed(): CpuUsed {
  const [all, main] = [process.cpuUsage(), process.threadCpuUsage()];
  return { processUs: all.user + all.system, mainThreadUs: main.user + main.system };
}

function measure(): Measure {
  // Twice, because the first collection runs the finalizers that let go of the rest.
  globalThis.gc?.();
  globalThis.gc?.();
  const memory = process.memoryUsage();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return {
    rssBytes: memory.rss,
    heapBytes: memory.heapUsed,
    externalBytes: memory.external,
    counts: gateway.counts(),
    resources,
    processListeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}
process.on('SIGINT', () => {
  void gateway.drain(0).finally(() => process.exit(0));
});
// A bench that is cut short must not leave its gateway behind.
process.once('disconnect', () => process.exit(1));
process.send?.({ url: gateway.url });
