// What a complete call costs the store: two legs from beginning to end and four callbacks written. Prints microseconds.
// Run it with `node --conditions=@parley/source bench/store-cost.bench.ts [calls per turn]` in apps/gateway.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newSid } from '../src/store/sid.ts';
import { openStore } from '../src/store/store.ts';

const CALLS = 20_000;
const perTurn = Number(process.argv[2] ?? 20);
const accountSid = newSid('AC');
const url = 'https://app.example.com/status';
const params = [
  ...[
    ['AccountSid', accountSid] as const,
    ['From', 'client:alice'] as const,
    ['To', 'client:jenny'] as const,
  ],
  ...[['CallStatus', 'ringing'] as const, ['CallbackSource', 'call-progress-events'] as const],
  ...[['Timestamp', 'Sat, 21 Nov 2026 10:00:00 +0000'] as const, ['SequenceNumber', '0'] as const],
];
const common = {
  accountSid,
  from: 'client:alice',
  to: 'client:jenny',
  status: 'ringing',
  createdAtMs: 1,
} as const;
const end = { status: 'completed', endedAtMs: 3, durationSeconds: 1, endReason: 'hangup' } as const;

const folder = mkdtempSync(join(tmpdir(), 'parley-store-cost-'));
const store = openStore(join(folder, 'parley.db'));
const turnsMs: number[] = [];
const cpu = process.cpuUsage();
const began = performance.now();
for (let done = 0; done < CALLS; done += perTurn) {
  const turnBegan = performance.now();
  for (let call = 0; call < perTurn; call++) writeCall();
  store.turn.flush();
  turnsMs.push(performance.now() - turnBegan);
  await new Promise((resolve) => setImmediate(resolve));
}
const { user, system } = process.cpuUsage(cpu);
turnsMs.sort((a, b) => a - b);
const quantileMs = (part: number): number =>
  Number(turnsMs[Math.floor((turnsMs.length - 1) * part)]?.toFixed(2));
console.log({
  perTurn,
  cpuMicrosPerCall: Math.round((user + system) / CALLS),
  wallMicrosPerCall: Math.round(((performance.now() - began) * 1000) / CALLS),
  turnMs: { p50: quantileMs(0.5), p99: quantileMs(0.99), max: quantileMs(1) },
});
await store.close();
rmSync(folder, { recursive: true });

function writeCall(): void {
  const caller = newSid('CA');
  const callee = newSid('CA');
  const callback = { url, method: 'POST', wantsCompleted: true, params } as const;
  store.calls.open({ ...common, sid: caller, direction: 'inbound' });
  store.calls.open({ ...common, sid: callee, parentSid: caller, direction: 'outbound-dial', callback });
  for (let sequence = 0; sequence < 4; sequence++) {
    const event = {
      key: callee,
      accountSid,
      stream: callee,
      sequence,
      origin: 'https://app.example.com',
      url,
    };
    store.outbox.add({ ...event, method: 'POST', params, createdAtMs: 1 });
  }
  for (const sid of [caller, callee]) store.calls.answered(sid, 2);
  for (const sid of [caller, callee]) store.calls.end(sid, end);
}
