import { describe, expect, it } from 'vitest';
import { musicAt } from './music.ts';
import { CALLER, CALL_SID, Scene, sidOf } from './scene.test.kit.ts';

const at = { line: 1, column: 1 };
const FORK = '<Client>jenny</Client><Client url="/screen">bob</Client>';
const REGISTERED = {
  registered: { jenny: [''], bob: [''] },
  answers: { '/screen': '<Gather timeout="9"/>' },
};

function musical(scene: Scene): readonly (string | null)[] {
  return scene.of('music').map(({ music }) => (music?.type === 'ringback' ? (music.written ?? '') : null));
}

/** What was done about the caller's ear, in order. */
function heardInOrder(scene: Scene): readonly string[] {
  return scene.outputs.flatMap(({ output }) => {
    if (output.type === 'music') return [output.music === null ? 'silence' : 'music'];
    return output.type === 'join' || output.type === 'play' || output.type === 'callEnded'
      ? [output.type]
      : [];
  });
}

describe('what a caller hears while it rings', () => {
  it('[TN1] [D14] is made by her own device, and costs the gateway nothing', () => {
    const scene = new Scene(`<Dial>${FORK}</Dial>`, REGISTERED);
    scene.alert('jenny', 'bob');
    expect(scene.told(CALLER)).toEqual([{ type: 'ringing' }]);
    scene.accept('jenny');
    expect(scene.of('music')).toEqual([]);
  });

  it.each([
    ['ringTone="de"', 'de'],
    ['dialMusic="/waltz.wav"', '/waltz.wav'],
    ['ringTone="de" dialMusic="/waltz.wav"', '/waltz.wav'],
  ])(
    '[TN1] [TN3] [D14] is played by the gateway where the dial has %s, and answers nobody',
    (dial, written) => {
      const scene = new Scene(`<Dial ${dial}>${FORK}</Dial>`, REGISTERED);
      expect(scene.of('music')).toEqual([]);
      scene.alert('jenny');
      expect(scene.told(CALLER)).toEqual([{ type: 'ringing', earlyMedia: true }]);
      expect(scene.of('music')).toMatchObject([
        {
          leg: CALL_SID,
          party: CALLER,
          music: { type: 'ringback', written, base: 'https://app.example/voice' },
        },
      ]);
      expect(scene.state.caller.name).toBe('calling');
      scene.alert('bob');
      expect(scene.of('music')).toHaveLength(1);
    },
  );

  it('[TN2] goes on while somebody is screened, and is over before anybody is heard', () => {
    const scene = new Scene(`<Dial ringTone="uk">${FORK}</Dial>`, REGISTERED);
    scene.alert('jenny', 'bob');
    scene.accept('bob');
    scene.pass(1000);
    expect(musical(scene)).toEqual(['uk']);
    scene.pass(9000);
    expect(scene.joins).toEqual(['bob']);
    expect(heardInOrder(scene)).toEqual(['music', 'silence', 'join']);
  });

  it('[TN2] goes on from one to the next of a sequence', () => {
    const scene = new Scene(`<Dial sequential="true" ringTone="uk">${FORK}</Dial>`, REGISTERED);
    scene.alert('jenny');
    scene.reject('jenny');
    scene.alert('bob');
    expect(musical(scene)).toEqual(['uk']);
    scene.reject('bob');
    expect(heardInOrder(scene)).toEqual(['music', 'silence', 'callEnded']);
  });

  it.each([
    ['nobody answers', (scene: Scene) => scene.pass(30_000)],
    ['the caller gives up', (scene: Scene) => scene.hangup()],
    ['her device is lost', (scene: Scene) => scene.gone(CALLER)],
    ['the gateway ends it', (scene: Scene) => scene.terminate('draining')],
    [
      'REST ends it',
      (scene: Scene) => scene.feed({ type: 'modify', leg: CALL_SID, change: { type: 'end' } }),
    ],
    [
      'REST ends the only branch',
      (scene: Scene) => scene.feed({ type: 'modify', leg: sidOf(1), change: { type: 'end' } }),
    ],
  ])('[TN2] is over when %s', (_, act) => {
    const scene = new Scene('<Dial ringTone="uk"><Client>jenny</Client></Dial>');
    scene.alert('jenny');
    act(scene);
    expect(scene.isOver).toBe(true);
    expect(scene.ledger.music.size).toBe(0);
  });

  it('[TN2] is over before the next verb is heard', () => {
    const scene = new Scene('<Dial ringTone="uk"><Client>jenny</Client></Dial><Say>Nobody is here.</Say>');
    scene.alert('jenny');
    scene.reject('jenny');
    expect(heardInOrder(scene)).toEqual(['music', 'silence', 'play']);
    scene.heard();
    expect(scene.isOver).toBe(true);
  });

  it('[TN2] is over when REST gives the call another document', () => {
    const scene = new Scene('<Dial ringTone="uk"><Client>jenny</Client></Dial>', {
      answers: { 'https://app.example/other': '<Say>Something else.</Say>' },
    });
    scene.alert('jenny');
    const application = { type: 'url', url: 'https://app.example/other', method: 'POST' } as const;
    scene.feed({ type: 'modify', leg: CALL_SID, change: { type: 'document', application } });
    expect(heardInOrder(scene)).toEqual(['music', 'silence', 'play']);
  });

  it.each([
    ['busy', (scene: Scene) => scene.reject('jenny', { why: 'busy' }), 'busy'],
    ['rejected', (scene: Scene) => scene.reject('jenny'), 'busy'],
    ['no-answer', (scene: Scene) => scene.pass(30_000), 'busy'],
  ])('[TN5] a call that ends %s says so with the tone of the country', (reason, act, tone) => {
    const scene = new Scene('<Dial ringTone="de"><Client>jenny</Client></Dial>');
    scene.alert('jenny');
    act(scene);
    const last = scene.of('tell').findLast(({ party }) => party === CALLER);
    expect(last).toMatchObject({ notice: { type: 'ended', reason }, tone: { tone, country: 'de' } });
  });

  it('[TN5] nobody who could be rung is not busy; and without a country, or after talking, nothing is named', () => {
    const endTone = (scene: Scene) => scene.of('tell').findLast(({ party }) => party === CALLER)?.tone;
    const nobody = new Scene('<Dial ringTone="de"><Client>ghost</Client></Dial>');
    expect(endTone(nobody)).toEqual({ tone: 'unavailable', country: 'de' });
    expect(endTone(new Scene('<Dial><Client>ghost</Client></Dial>'))).toBeUndefined();
    const talked = new Scene('<Dial ringTone="de"><Client>jenny</Client></Dial>');
    talked.accept('jenny');
    talked.hangup('jenny');
    expect(talked.isOver).toBe(true);
    expect(endTone(talked)).toBeUndefined();
  });
});

describe('what a URL stands for', () => {
  const music = (url: string) =>
    musicAt({ url, base: 'https://app.example/', method: 'GET', params: [], at });
  it.each(['/wait.wav', 'https://cdn.example/a/Wait.MP3?v=1', 'x.ogg#rt=1', 'y.opus'])(
    '[TN12] %s is a sound, which is fetched and kept as one',
    (url) => expect(music(url)).toEqual({ type: 'sound', url, base: 'https://app.example/', at }),
  );

  it.each(['/wait', 'https://app.example/wait.php?song=a.mp3', 'wait.wav.xml'])(
    '[TN12] %s is asked for as a document',
    (url) => expect(music(url)).toMatchObject({ type: 'document', request: { written: url, method: 'GET' } }),
  );

  it('[TN12] nothing is silence', () => expect(music('')).toBeNull());
});
