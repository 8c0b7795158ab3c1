// Writes calls and their callbacks as fast as it can, and says after each commit how far it has come. It is killed.
import { openStore } from '../src/store/store.ts';

const [path = ''] = process.argv.slice(2);
const store = openStore(path);
const accountSid = 'AC00000000000000000000000000000001';

for (let call = 0; ; call++) {
  const sid = `CA${call.toString(16).padStart(32, '0')}`;
  store.calls.open({
    sid,
    accountSid,
    from: 'client:alice',
    to: 'client:jenny',
    direction: 'inbound',
    status: 'ringing',
    createdAtMs: Date.now(),
    callback: {
      url: 'https://app.example.com/status',
      method: 'POST',
      wantsCompleted: true,
      params: [['CallSid', sid]],
    },
  });
  for (const sequence of [0, 1]) {
    store.outbox.add({
      key: `${sid}-${sequence}`,
      accountSid,
      stream: sid,
      sequence,
      origin: 'https://app.example.com',
      url: 'https://app.example.com/status',
      method: 'POST',
      params: [['SequenceNumber', String(sequence)]],
      createdAtMs: Date.now(),
    });
  }
  // Every seventh is left ringing, every other has been picked up.
  if (call % 7 !== 0) store.calls.answered(sid, Date.now());
  if (call % 10 === 9) {
    await store.committed();
    process.stdout.write(`${call + 1}\n`);
  }
}
