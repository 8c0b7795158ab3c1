import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Voice } from '@parley/voice';
import { withRecordings } from '../src/recordings/recording-sounds.ts';
import { RecordingUrls } from '../src/recordings/recording-urls.ts';
import { newSid } from '../src/store/sid.ts';

const ACCOUNT = newSid('AC');
const SID = newSid('RE');
const TOKEN = 'a token that is long enough';
const NOW_MS = 1_800_000_000_000;

let directory: string;
let file: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'recording-sounds-'));
  file = join(directory, `${SID}.ogg`);
  writeFileSync(file, 'what was said');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function soundsWith({ nowMs = NOW_MS, publicUrl = 'https://calls.example.com/phone' } = {}) {
  const asked: string[] = [];
  const read: string[] = [];
  const whole = Promise.withResolvers<void>();
  let isWhole = true;
  const urls = new RecordingUrls({
    publicUrl: () => publicUrl,
    tokenOf: () => TOKEN,
    linkMs: 60_000,
    nowMs: () => NOW_MS,
  });
  const sounds = withRecordings({
    sounds: {
      async find(url) {
        asked.push(url);
        return { ok: false, code: 13233, message: 'elsewhere' };
      },
    },
    voice: {
      sound(bytes: Uint8Array) {
        read.push(Buffer.from(bytes).toString());
        return { key: 'one', tape: {} } as unknown as ReturnType<Voice['sound']>;
      },
    },
    urls,
    table: { find: (_account, sid) => (sid === SID ? ({ sid } as never) : undefined) },
    shelf: { fileOf: () => (isWhole ? file : undefined) },
    recordings: { settled: () => whole.promise },
    tokenOf: (accountSid) => (accountSid === ACCOUNT ? TOKEN : undefined),
    nowMs: () => nowMs,
  });
  const link = urls.signed(ACCOUNT, SID);
  return {
    ...{ sounds, urls, asked, read, link },
    becomeWhole: () => {
      isWhole = true;
      whole.resolve();
    },
    beingWritten: () => void (isWhole = false),
  };
}

describe('a recording that a document plays', () => {
  it('[RV32] is read from the disk, whatever ending was put behind its link', async () => {
    const { sounds, link, asked, read, becomeWhole } = soundsWith();
    becomeWhole();
    expect(link).toMatch(/^https:\/\/calls\.example\.com\/phone\/2012-04-24\/Accounts\//);
    for (const url of [link, `${link}.mp3`]) expect(await sounds.find(url)).toMatchObject({ ok: true });
    expect(read).toEqual(['what was said', 'what was said']);
    expect(asked).toEqual([]);
  });

  it('[RV32] is waited for while it is made whole', async () => {
    const { sounds, link, read, becomeWhole, beingWritten } = soundsWith();
    beingWritten();
    const found = sounds.find(link);
    await new Promise((resolve) => setImmediate(resolve));
    expect(read).toEqual([]);
    becomeWhole();
    expect(await found).toMatchObject({ ok: true });
  });

  it('[RV32] is not to be had without a link that is right', async () => {
    const { sounds, urls, link, asked, read, becomeWhole } = soundsWith();
    becomeWhole();
    const refused = [
      urls.plain(ACCOUNT, SID),
      link.replace(/Signature=./, 'Signature=!'),
      urls.signed(newSid('AC'), SID),
      urls.signed(ACCOUNT, newSid('RE')),
    ];
    for (const url of refused) expect(await sounds.find(url)).toMatchObject({ ok: false, code: 13233 });
    const late = soundsWith({ nowMs: NOW_MS + 60_000 });
    late.becomeWhole();
    expect(await late.sounds.find(link)).toMatchObject({ ok: false });
    expect([...read, ...late.read, ...asked, ...late.asked]).toEqual([]);
  });

  it('[RV32] has no picture, and is not longer than memory is large', async () => {
    const { sounds, link, read, becomeWhole } = soundsWith();
    becomeWhole();
    const sound = file;
    file = join(directory, `${SID}.webm`);
    writeFileSync(file, 'a picture');
    expect(await sounds.find(link)).toMatchObject({ ok: false, message: expect.stringMatching('picture') });
    file = join(directory, 'long.ogg');
    writeFileSync(file, '');
    truncateSync(file, 33 * 2 ** 20);
    expect(await sounds.find(link)).toMatchObject({ ok: false, message: expect.stringMatching('too long') });
    expect(read).toEqual([]);
    file = sound;
  });

  it('[RV32] and any other sound is looked for where it is', async () => {
    const { sounds, link, asked } = soundsWith();
    const others = ['https://app.example/hello.wav', link.replace('calls.example.com', 'app.example')];
    for (const url of others) await sounds.find(url);
    expect(asked).toEqual(others);
  });
});
