// Recordings as an application and an operator meet them: rows, callbacks, actions, and what happens in trouble.
import { expect, it } from 'vitest';
import { become } from './soon.ts';
import { ACCOUNT, Stage } from './stage.ts';
import { ended, reached } from './test-phone.ts';

const ALL = 'recordingStatusCallback="/events" recordingStatusCallbackEvent="in-progress completed absent"';
const statuses = (stage: Stage): readonly (string | undefined)[] =>
  stage.recordingCallbacks.map(({ params }) => params['RecordingStatus']);

it('[RV34] [RV2] [RV4] [RV19] [RV20] a message is recorded, told of, and its action goes on with the call', async () => {
  await using stage = await Stage.open(`<Record action="/said" finishOnKey="#" ${ALL}/>`);
  stage.application.on('/said', '<Hangup/>');
  const call = await stage.alice();
  const [sid = ''] = await stage.recording();
  expect(stage.recordings()).toMatchObject([
    { sid, status: 'in-progress', source: 'RecordVerb', media: 'audio', channels: 1, track: 'inbound' },
  ]);
  stage.recorder.speak(7200);
  await call.sendDigits('1#');
  const { params } = await stage.application.request('/said');
  expect(params).toMatchObject({
    CallSid: stage.callers()[0]?.sid,
    CallStatus: 'in-progress',
    RecordingSid: sid,
    RecordingDuration: '7',
    Digits: '#',
  });
  expect(params['RecordingUrl']).toMatch(
    new RegExp(
      `^${stage.gateway.url}/2012-04-24/Accounts/${ACCOUNT.sid}/Recordings/${sid}\\?Expires=\\d+&Sig`,
    ),
  );
  expect(params['PublicRecordingUrl']).toBe(params['RecordingUrl']);
  expect(await ended(call)).toMatchObject({ reason: 'remote-hangup' });
  await stage.quiet();
  expect(stage.recordings()).toMatchObject([
    { status: 'completed', durationSeconds: 7, bytes: 28_800, fileName: `${sid}.ogg`, errorCode: null },
  ]);
  expect(statuses(stage)).toEqual(['in-progress', 'completed']);
  expect(stage.recordingCallbacks[1]?.params).toMatchObject({
    AccountSid: ACCOUNT.sid,
    CallSid: stage.callers()[0]?.sid,
    RecordingSid: sid,
    RecordingUrl: params['RecordingUrl'],
    RecordingStatus: 'completed',
    RecordingSource: 'RecordVerb',
    RecordingChannels: '1',
    RecordingDuration: '7',
    SequenceNumber: '1',
  });
});

it('[RV20] without events, completed alone; GET where that was asked for', async () => {
  await using stage = await Stage.open(
    '<Record recordingStatusCallback="/events/rec" recordingStatusCallbackMethod="GET"/>',
  );
  const call = await stage.alice();
  await stage.recording();
  stage.recorder.speak(1000);
  await call.disconnect();
  await stage.quiet();
  expect(stage.recordingCallbacks).toMatchObject([
    { path: '/events/rec', method: 'GET', params: { RecordingStatus: 'completed', SequenceNumber: '0' } },
  ]);
});

it('[RV35] [RV6] a caller who hangs up leaves her message; the action is asked once, its document is ignored', async () => {
  await using stage = await Stage.open('<Record action="/said"/>');
  stage.application.on('/said', '<Dial><Client>jenny</Client></Dial>');
  const call = await stage.alice();
  await stage.recording();
  stage.recorder.speak(3000);
  await call.disconnect();
  const { params } = await stage.application.request('/said');
  expect(params).toMatchObject({ Digits: 'hangup', RecordingDuration: '3', CallStatus: 'completed' });
  await stage.quiet();
  expect(stage.application.at('/said')).toHaveLength(1);
  expect(stage.legs()).toEqual([]);
  expect(stage.recordings()).toMatchObject([{ status: 'completed' }]);
});

it('[RV38] [RV5] [RV19] [RV20] nothing said: absent, no file, the next verb; hung up: nobody is asked', async () => {
  await using stage = await Stage.open(
    `<Record action="/said" timeout="3" ${ALL}/><Redirect>/next</Redirect>`,
  );
  stage.application.on('/next', '<Record action="/said"/>');
  const call = await stage.alice();
  await stage.recording();
  stage.recorder.pass(3000);
  await stage.application.request('/next');
  await stage.recording();
  await call.disconnect();
  await stage.quiet();
  expect(stage.application.at('/said')).toEqual([]);
  expect(statuses(stage)).toEqual(['in-progress', 'absent']);
  expect(stage.recordings()).toMatchObject([
    { status: 'absent', fileName: null, durationSeconds: null },
    { status: 'absent', fileName: null },
  ]);
  expect(stage.notifications()).toEqual([]);
});

it('[RV36] [RV4] the document that a Record is followed by may dial', async () => {
  await using stage = await Stage.open('<Record action="/said" finishOnKey="#"/>');
  stage.application.on('/said', '<Dial><Client>jenny</Client></Dial>');
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await stage.recording();
  stage.recorder.speak(1000);
  await call.sendDigits('#');
  await jenny.answers();
  await reached(call, 'joined');
  await call.disconnect();
});

it.each([
  ['disk-full', 13630],
  ['too-many', 13631],
  ['failed', 13632],
] as const)(
  '[RV21] a recording that cannot begin (%s) is notified, and the call goes on',
  async (why, code) => {
    await using stage = await Stage.open(`<Record action="/said" ${ALL}/><Redirect>/next</Redirect>`);
    stage.application.on('/next', '<Hangup/>');
    stage.recorder.refuseStart(why);
    const call = await stage.alice();
    await stage.application.request('/next');
    await ended(call);
    await stage.quiet();
    expect(stage.notifications()).toMatchObject([
      { code, severity: 'error', callSid: stage.callers()[0]?.sid },
    ]);
    expect(stage.recordings()).toMatchObject([{ status: 'absent', errorCode: code }]);
    expect(statuses(stage)).toEqual(['absent']);
    expect(stage.recordingCallbacks[0]?.params).toMatchObject({
      ErrorCode: String(code),
      SequenceNumber: '0',
    });
  },
);

it('[RV22] a full disk ends the recording of a call, and not the call', async () => {
  await using stage = await Stage.open(`<Dial record="true" ${ALL}><Client>jenny</Client></Dial>`);
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  await jenny.answers();
  const [sid = ''] = await stage.recording();
  stage.recorder.speak(2000);
  stage.recorder.end(sid, 'disk-full');
  await become(
    () => stage.notifications(13630).length === 1,
    () => 'the notification',
  );
  expect(stage.recordings()).toMatchObject([{ status: 'completed', durationSeconds: 2, errorCode: 13630 }]);
  await reached(call, 'joined');
  await call.disconnect();
  await stage.quiet();
  expect(statuses(stage)).toEqual(['in-progress', 'completed']);
});

it('[RV37] [RV11] [RV12] [RV13] a dual recording of a dial: who is on which channel, and where it will be', async () => {
  await using stage = await Stage.open(
    `<Dial record="record-from-ringing-dual" action="/after" ${ALL}><Client>jenny</Client></Dial>`,
  );
  stage.application.on('/after', '<Hangup/>');
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.rings();
  const [sid = ''] = await stage.recording();
  expect(stage.recorder.parties(sid)).toMatchObject([{ channel: 0 }]);
  await hers.accept();
  await become(
    () => stage.recorder.parties(sid).length === 2,
    () => 'jenny in the recording',
  );
  expect(stage.recorder.parties(sid).map(({ channel }) => channel)).toEqual([0, 1]);
  stage.recorder.speak(5000);
  await hers.disconnect();
  const { params } = await stage.application.request('/after');
  expect(params).toMatchObject({ DialCallStatus: 'completed', RecordingSid: sid });
  expect(params['RecordingUrl']).toContain(sid);
  await ended(call);
  await stage.quiet();
  expect(stage.recordings()).toMatchObject([{ source: 'DialVerb', channels: 2, status: 'completed' }]);
  expect(stage.recordingCallbacks.at(-1)?.params).toMatchObject({ RecordingChannels: '2' });
});

it('[RV13] a call so short that the recording had not begun: it is ended all the same', async () => {
  await using stage = await Stage.open('<Dial record="true" action="/after"><Client>jenny</Client></Dial>');
  stage.application.on('/after', '<Hangup/>');
  const start = stage.recorder.start.bind(stage.recorder);
  const slow = Promise.withResolvers<void>();
  stage.recorder.start = async (options) => {
    await slow.promise;
    await start(options);
  };
  const jenny = await stage.phone('jenny');
  const call = await stage.alice();
  const hers = await jenny.answers();
  await hers.disconnect();
  await ended(call);
  slow.resolve();
  await stage.quiet();
  expect(stage.recordings()).toMatchObject([{ status: 'absent' }]);
});

it('[RV23] a gateway that goes out of service ends every recording, and writes it down', async () => {
  await using stage = await Stage.open(`<Record ${ALL}/>`);
  await stage.alice();
  await stage.recording();
  stage.recorder.speak(4000);
  const rows = stage.gateway.store.recordings;
  const ended: unknown[] = [];
  const end = rows.end.bind(rows);
  rows.end = (...told) => {
    ended.push(told[1]);
    return end(...told);
  };
  await stage.drain(0);
  expect(ended).toMatchObject([{ status: 'completed', durationSeconds: 4 }]);
});

it('[RV21] a document that is quicker than the media of its caller is no trouble', async () => {
  await using stage = await Stage.open('<Record playBeep="false"/>');
  stage.recorder.refuseStart('no-such-party');
  const call = await stage.alice();
  await become(
    () => stage.recordings().length === 1,
    () => 'the recording',
  );
  stage.recorder.refuseStart();
  await stage.recording();
  stage.recorder.speak(1000);
  await call.disconnect();
  await stage.quiet();
  expect(stage.recordings()).toMatchObject([{ status: 'completed' }]);
  expect(stage.notifications()).toEqual([]);
});

it('[RV21] whoever is recorded and goes before it began has said nothing', async () => {
  await using stage = await Stage.open('<Record playBeep="false" action="/said"/>');
  stage.recorder.refuseStart('no-such-party');
  const call = await stage.alice();
  await become(
    () => stage.recordings().length === 1,
    () => 'the recording',
  );
  await call.disconnect();
  await stage.quiet();
  expect(stage.recordings()).toMatchObject([{ status: 'absent', errorCode: null }]);
  expect(stage.application.at('/said')).toEqual([]);
  expect(stage.notifications()).toEqual([]);
});
