// pnpm bench:phones [phones] [calls]
//
// What a registered, idle phone costs the gateway, and whether everything is given back after many calls. The phones are
// the SDK itself, in this process; the gateway has one of its own.
import { createPhone } from '@parley/testkit';
import type { Device } from '@parley/client';
import { MeasuredGateway, type Measure } from './measured-gateway.ts';

const PHONES = Number(process.argv[2] ?? 1000);
const CALLS = Number(process.argv[3] ?? 1000);
/** Calls that are set up at the same time. */
const AT_ONCE = 20;

await using gateway = await MeasuredGateway.start();
const tokens = new Map<string, string>();
const phoneOf = async (name: string): Promise<Device> => {
  const token = tokens.get(name) ?? (await gateway.token(name));
  tokens.set(name, token);
  const phone = createPhone({ url: gateway.socketUrl, token, logLevel: 'silent' });
  await phone.register();
  return phone;
};

// A few phones and calls first, so that what is loaded once is not charged to the phones.
const first = await Promise.all(['warm-a', 'warm-b'].map(phoneOf));
await callEachOther(first, 20);
const before = await gateway.measure();

const phones: Device[] = [];
for (let at = 0; at < PHONES; at += 50) {
  const names = Array.from({ length: Math.min(50, PHONES - at) }, (_, index) => `phone-${at + index}`);
  phones.push(...(await Promise.all(names.map(phoneOf))));
}
const idle = await gateway.measure();
report(`${PHONES} idle phones`, before, idle);
const perPhone = (idle.rssBytes - before.rssBytes) / PHONES / 1024;
const heapPerPhone =
  (idle.heapBytes + idle.externalBytes - before.heapBytes - before.externalBytes) / PHONES / 1024;
console.log(
  `  per phone: ${perPhone.toFixed(1)} KB resident, of which ${heapPerPhone.toFixed(1)} KB in the heap (aim: 10 KB, at most 20)`,
);

const callers = phones.slice(0, AT_ONCE * 2);
await callEachOther(callers, CALLS);
const halfway = await gateway.measure();
report(`${CALLS} calls later`, idle, halfway);
const cpuBefore = await gateway.cpu();
// Again as many: what a process keeps at its high-water mark stays as it is, a leak grows by as much again.
await callEachOther(callers, CALLS);
const cpuAfter = await gateway.cpu();
const after = await gateway.measure();
report(`as many again`, halfway, after);
const isClean = ['calls', 'media', 'devices'].every(
  (key) => JSON.stringify(idle.counts[key as 'calls']) === JSON.stringify(after.counts[key as 'calls']),
);
console.log(`  held now: ${JSON.stringify({ ...after.counts.calls, ...after.counts.media })}`);
console.log(
  `  timers and sockets: ${JSON.stringify(idle.resources)} then, ${JSON.stringify(after.resources)} now`,
);
console.log(`  listeners on process: ${idle.processListeners} then, ${after.processListeners} now`);
console.log(isClean ? '  everything was given back' : '  SOMETHING WAS KEPT');
const cpuUs = (cpuAfter.processUs - cpuBefore.processUs) / CALLS;
console.log(
  `  CPU of the gateway per call: ${cpuUs.toFixed(0)} µs (aim: 500), document, callbacks and four transports included`,
);

await Promise.all([...first, ...phones].map((phone) => phone.destroy()));
process.exitCode = isClean ? 0 : 1;

/** Pairs the phones, and lets the first of each pair call the second, again and again. */
async function callEachOther(phones: readonly Device[], calls: number): Promise<void> {
  const pairs = Math.floor(phones.length / 2);
  let left = calls;
  const isOver = new AbortController();
  for (const phone of phones.slice(0, pairs * 2)) {
    phone.on('incoming', (call) => void call.accept({ video: true }), { signal: isOver.signal });
  }
  await Promise.all(
    Array.from({ length: pairs }, async (_, index) => {
      const [caller, callee] = [phones[index * 2], phones[index * 2 + 1]];
      if (caller === undefined || callee === undefined) return;
      while (left > 0) {
        left -= 1;
        const call = await caller.connect({ to: callee.identity ?? '', video: true });
        call.once('accept', () => void call.disconnect());
        const end = await call.ended;
        if (end.reason !== 'hangup') throw new Error(`a call ended ${end.reason} instead of being hung up`);
      }
    }),
  );
  isOver.abort();
}

function report(what: string, from: Measure, to: Measure): void {
  const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);
  console.log(
    `${what}: ${megabytes(to.rssBytes)} MB resident (${megabytes(to.rssBytes - from.rssBytes)} more), ` +
      `${megabytes(to.heapBytes)} MB heap (${megabytes(to.heapBytes - from.heapBytes)} more)`,
  );
}
