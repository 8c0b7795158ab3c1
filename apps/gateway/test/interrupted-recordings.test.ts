import { expect, it } from 'vitest';
import type { CallbackEvent } from '../src/out/callback-outbox.ts';
import { closeInterruptedRecordings } from '../src/recordings/interrupted-recordings.ts';
import { openStore } from '../src/store/store.ts';

it('[RV24] what a crash cut short is closed with what is left of it, and told of once', async () => {
  await using store = openStore(':memory:');
  const open = (sid: string) =>
    store.recordings.open({
      sid,
      accountSid: 'AC1',
      callSid: 'CA1',
      conferenceSid: null,
      source: 'DialVerb',
      track: 'both',
      media: 'audio',
      channels: 2,
      subscription: {
        url: 'https://app.example/recorded',
        method: 'POST',
        events: ['in-progress', 'completed', 'absent'],
        params: [['RecordingSid', sid]],
      },
      createdAtMs: 1000,
    });
  for (const sid of ['RE-whole', 'RE-silent', 'RE-lost']) open(sid);
  const told: CallbackEvent[] = [];
  const warned: string[] = [];
  const found = (recordingSid: string, isSilent: boolean) => ({
    recordingSid,
    durationMs: 61_400,
    bytes: 9000,
    file: `/recordings/${recordingSid}.ogg`,
    isSilent,
  });
  const close = (): void =>
    closeInterruptedRecordings({
      table: store.recordings,
      outbox: { enqueue: (event) => void told.push(event) },
      nextSequence: () => 1,
      recovered: [found('RE-whole', false), found('RE-silent', true), found('RE-unknown', false)],
      nowMs: 9000,
      log: { warn: (facts: { recordingSid: string }) => warned.push(facts.recordingSid) } as never,
    });
  close();
  expect(store.recordings.find('AC1', 'RE-whole')).toMatchObject({
    status: 'completed',
    fileName: 'RE-whole.ogg',
    durationSeconds: 61,
    bytes: 9000,
    errorCode: null,
  });
  expect(store.recordings.find('AC1', 'RE-silent')).toMatchObject({ status: 'absent', fileName: null });
  expect(store.recordings.find('AC1', 'RE-lost')).toMatchObject({ status: 'failed', errorCode: 13632 });
  expect(
    told.map(({ stream, sequence, params }) => [stream, sequence, new Map(params).get('RecordingStatus')]),
  ).toEqual([
    ['RE-whole', 1, 'completed'],
    ['RE-silent', 1, 'absent'],
    ['RE-lost', 1, 'absent'],
  ]);
  expect(new Map(told[2]?.params).get('ErrorCode')).toBe('13632');
  expect(warned).toEqual(['RE-whole', 'RE-silent', 'RE-lost', 'RE-unknown']);
  close();
  expect(told).toHaveLength(3);
});
