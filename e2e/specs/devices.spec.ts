import type { ConsoleDevices } from '../support/console-devices.ts';
import { PEOPLE } from '../support/fake-media.ts';
import type { PhonePage } from '../support/phone-page.ts';
import { expect, test, type Phones } from '../support/test.ts';
import { installSystemSpy } from '../support/system-spy.ts';
import { installVirtualDevices } from '../support/virtual-devices.ts';

/** A headset that sounds like Bob, and a camera that looks like him. */
const HEADSET = { toneHz: PEOPLE.bob.toneHz };
const CAMERA = { colour: '#0000ff' };

interface Talking {
  readonly alice: PhonePage;
  readonly jenny: PhonePage;
}

/** Alice calls Jenny, who has devices that a test can plug in and out. */
async function talk(phones: Phones, { video = false, isFirefox = false } = {}): Promise<Talking> {
  const alice = await phones.open('alice');
  const jenny = await phones.open('jenny', { initScript: installVirtualDevices, isFirefox });
  await alice.dial('jenny', { video });
  await jenny.accept({ video });
  await alice.expectToHear(isFirefox ? 'firefox' : 'jenny');
  return { alice, jenny };
}

/** Plugs the headset in and talks into it. */
function useHeadset({ page }: PhonePage): Promise<void> {
  return page.evaluate(async (headset) => {
    const device = window.parleyDevice as unknown as ConsoleDevices;
    await device.audio.refresh();
    window.virtual.plugIn('virtual headset', headset);
    await device.once('deviceChange');
    await device.audio.setInputDevice('virtual headset');
  }, HEADSET);
}

/** Names of warnings that matter here, as they are told from now on. */
async function warnings({ page }: PhonePage): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    const call = (window.parleyDevice as unknown as ConsoleDevices).activeCall;
    const tell = (sign: string) => (warning: { readonly name: string }) => {
      if (/muted|sink/.test(warning.name)) told.push(sign + warning.name);
    };
    call?.on('warning', tell('+'));
    call?.on('warning-cleared', tell('-'));
  });
  return () => page.evaluate(() => (window as unknown as { told: string[] }).told);
}

test.describe('devices', () => {
  test('[DV2] the other side hears the microphone that was chosen during the call', async ({ phones }) => {
    const { alice, jenny } = await talk(phones);
    await useHeadset(jenny);
    await alice.expectToHear('bob');
    await jenny.button('mute').click();
    await alice.expectToHear('silence');
    await jenny.page.evaluate(() =>
      (window.parleyDevice as unknown as ConsoleDevices).audio.setInputDevice('default'),
    );
    // Looked at again for as long as the last of the headset may be on its way; what is not muted is heard for ever.
    await alice.expectToHear('silence');
    await jenny.button('mute').click();
    await alice.expectToHear('jenny');
  });

  test('[DV8] a headset that is unplugged is replaced, and used again when it is back', async ({
    phones,
  }) => {
    const { alice, jenny } = await talk(phones);
    await useHeadset(jenny);
    await alice.expectToHear('bob');
    await jenny.page.evaluate(() => window.virtual.unplug('virtual headset'));
    await alice.expectToHear('jenny');
    await expect(jenny.button('trouble')).toBeHidden();
    await jenny.page.evaluate((headset) => window.virtual.plugIn('virtual headset', headset), HEADSET);
    await alice.expectToHear('bob');
  });

  test('[DV9] the picture goes on when another camera is chosen', async ({ phones }) => {
    const { alice, jenny } = await talk(phones, { video: true });
    await alice.expectToSee('green');
    await jenny.page.evaluate(async (camera) => {
      const device = window.parleyDevice as unknown as ConsoleDevices;
      window.virtual.plugIn('virtual camera', camera);
      await device.activeCall?.media.camera.switch();
    }, CAMERA);
    await alice.expectToSee('blue');
    await alice.expectToHear('jenny');
    await jenny.page.evaluate(() => window.virtual.unplug('virtual camera'));
    await alice.expectToSee('green');
  });

  test('[DV18] a screen is seen beside the camera, with its sound, until the person stops sharing', async ({
    phones,
  }) => {
    const { alice, jenny } = await talk(phones, { video: true });
    await alice.expectToSee('green');
    await alice.page.evaluate(() => {
      const video = document.createElement('video');
      video.dataset['testid'] = 'shared';
      video.style.cssText = 'position:fixed;inset:auto auto 0 0;width:320px;height:180px;z-index:9';
      document.body.append(video);
      (window.parleyDevice as unknown as ConsoleDevices).activeCall?.media.attachScreen(video);
    });
    await jenny.page.evaluate(async (toneHz) => {
      window.virtual.offerScreen({ colour: '#0000ff', toneHz });
      // Only the screen is to be heard.
      (window.parleyDevice as unknown as ConsoleDevices).activeCall?.mute();
      await (window.parleyDevice as unknown as ConsoleDevices).activeCall?.media.screen.on();
    }, PEOPLE.bob.toneHz);
    await expect.poll(() => alice.sees('shared')).toBe('blue');
    await alice.expectToSee('green');
    await alice.expectToHear('bob');

    await jenny.page.evaluate(() => window.virtual.stopSharing());
    await expect.poll(() => alice.sees('shared')).toBe('nothing');
    await alice.expectToSee('green');
    await alice.expectToHear('silence');
    expect(
      await jenny.page.evaluate(
        () => (window.parleyDevice as unknown as ConsoleDevices).activeCall?.media.screen.state,
      ),
    ).toBe('off');
  });

  test('[DV40] a screen is seen in a call without video, too', async ({ phones }) => {
    const { alice, jenny } = await talk(phones);
    await jenny.page.evaluate(async () => {
      window.virtual.offerScreen({ colour: '#0000ff', toneHz: 2000 });
      await (window.parleyDevice as unknown as ConsoleDevices).activeCall?.media.screen.on({ audio: false });
    });
    await expect
      .poll(() =>
        alice.page.evaluate(
          () =>
            (window.parleyDevice as unknown as ConsoleDevices).activeCall?.media.remoteScreen?.active ??
            false,
        ),
      )
      .toBe(true);
    expect(await alice.sees()).toBe('nothing');
  });

  test('[DV11] the other side comes out where it was chosen, and the ringing somewhere else', async ({
    phones,
  }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');
    const outputs = await jenny.page.evaluate(async () => {
      const { audio } = window.parleyDevice as unknown as ConsoleDevices;
      await audio.requestPermission();
      const { speakers } = audio.store.getSnapshot();
      const [speaker, ringtone] = speakers.map(({ deviceId }) => deviceId);
      if (speaker === undefined || ringtone === undefined) throw new Error('there are not two outputs');
      await audio.speakerDevices.set(speaker);
      await audio.ringtoneDevices.set(ringtone);
      await audio.speakerDevices.test();
      return { speaker, ringtone };
    });
    const sinks = () =>
      jenny.page.evaluate(() =>
        Array.from(document.querySelectorAll('audio'))
          .filter((element) => !element.paused)
          .map((element) => element.sinkId)
          .toSorted(),
      );
    await alice.dial('jenny');
    await jenny.expectToHear('ringtone');
    // The element for the other side is there while it rings, and silent.
    await expect.poll(sinks).toEqual([outputs.ringtone, outputs.speaker].toSorted());
    await jenny.accept();
    await jenny.expectToHear('alice');
    expect(await sinks()).toContain(outputs.speaker);
  });

  test('[QY51] [SP60] a speaker that is unplugged in a call is told of, and the other side is heard where the system has it', async ({
    phones,
  }) => {
    const { jenny } = await talk(phones);
    const speaker = await jenny.page.evaluate(async () => {
      const device = window.parleyDevice as unknown as ConsoleDevices;
      const { speakers } = await device.audio.refresh();
      const chosen = speakers.at(-1)?.deviceId;
      if (chosen === undefined) throw new Error('there is no output to choose');
      await device.audio.speakerDevices.set(chosen);
      return chosen;
    });
    const told = await warnings(jenny);
    await jenny.page.evaluate((deviceId) => window.virtual.unplug(deviceId), speaker);
    await expect.poll(told).toEqual(['+sink-lost']);
    await expect(jenny.page.getByTestId('hint')).toContainText('The speaker is gone.');
    await jenny.expectToHear('alice');
    await jenny.page.evaluate((deviceId) => window.virtual.plugBack(deviceId), speaker);
    await expect.poll(told).toEqual(['+sink-lost', '-sink-lost']);
    await expect(jenny.page.getByTestId('hint')).toBeHidden();
    await jenny.expectToHear('alice');
  });

  for (const isFirefox of [false, true]) {
    test(`[QY50] [SP60] who speaks while muted is told so in ${isFirefox ? 'Firefox' : 'Chromium'}, and the other side hears nothing`, async ({
      phones,
    }) => {
      const { alice, jenny } = await talk(phones, { isFirefox });
      const told = await warnings(jenny);
      await jenny.button('mute').click();
      await expect.poll(told).toEqual(['+speaking-while-muted']);
      await expect(jenny.page.getByTestId('hint')).toContainText('You are muted.');
      await alice.expectToHear('silence');
      await jenny.button('mute').click();
      await expect.poll(told).toEqual(['+speaking-while-muted', '-speaking-while-muted']);
      await expect(jenny.page.getByTestId('hint')).toBeHidden();
      await alice.expectToHear(isFirefox ? 'firefox' : 'jenny');
      await jenny.button('mute').click();
      await alice.hangUp();
      // The copy that listens has gone with the call.
      await expect.poll(() => jenny.lights()).toEqual([]);
    });
  }

  test('[DV3] what was chosen is used again after the page was left', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny', { initScript: installVirtualDevices });
    await jenny.page.evaluate(async (headset) => {
      window.virtual.plugIn('virtual headset', headset);
      const { audio } = window.parleyDevice as unknown as ConsoleDevices;
      await audio.requestPermission();
      await audio.setInputDevice('virtual headset');
    }, HEADSET);
    await jenny.page.reload();
    await jenny.signedIn();
    await jenny.page.evaluate((headset) => window.virtual.plugIn('virtual headset', headset), HEADSET);
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('bob');
  });

  test('[DV13] a meter shows that the microphone hears something, and closes it afterwards', async ({
    phones,
  }) => {
    const jenny = await phones.open('jenny');
    const levels = await jenny.page.evaluate(async () => {
      const device = window.parleyDevice as unknown as ConsoleDevices;
      const meter = await device.audio.openMeter();
      const heard: number[] = [];
      while (heard.length < 40 && !heard.some((level) => level > 0.1)) {
        heard.push((await device.once('inputVolume'))[0]);
      }
      meter.close();
      return { loudest: Math.max(...heard), after: meter.level };
    });
    expect(levels.loudest).toBeGreaterThan(0.1);
    await expect.poll(() => jenny.lights()).toEqual([]);
  });

  test('[DV30] [DV42] in a conference a small picture is asked for and sent', async ({
    phones,
    webhooks,
  }) => {
    test.setTimeout(150_000);
    webhooks.on('/voice', '<Response><Dial><Conference name="blue"><Video/></Conference></Dial></Response>');
    const [alice, jenny] = [await phones.open('alice'), await phones.open('jenny')];
    for (const phone of [alice, jenny]) {
      await phone.dial('blue', { video: true });
      await phone.expectTalking();
    }
    await alice.expectToSee('green');
    const heightAt = ({ page }: PhonePage) =>
      page.evaluate(async () => {
        const stats = await (window.parleyDevice as unknown as ConsoleDevices).activeCall?.getStats();
        const entries = [...(stats?.recv?.values() ?? [])] as {
          type: string;
          kind?: string;
          frameHeight?: number;
        }[];
        return Math.max(0, ...entries.map(({ frameHeight }) => frameHeight ?? 0));
      });
    const sizesOf = ({ page }: PhonePage) =>
      page.evaluate(async () => {
        const stats = await (window.parleyDevice as unknown as ConsoleDevices).activeCall?.getStats();
        const entries = [...(stats?.send?.values() ?? [])] as {
          type: string;
          kind?: string;
          rid?: string;
          active?: boolean;
        }[];
        return entries
          .flatMap(({ type, kind, rid, active }) =>
            type === 'outbound-rtp' && kind === 'video' && active === true ? [rid ?? ''] : [],
          )
          .toSorted();
      });
    await expect.poll(() => sizesOf(jenny)).toEqual(['r0', 'r1', 'r2']);
    // How large depends on what the sender believes of its network, and when on how busy its machine is; not the smallest,
    // which is what is asked for below.
    const isLarge = expect.poll(() => heightAt(alice), { timeout: 45_000 });
    await isLarge.toBeGreaterThan(90);

    await alice.page.evaluate(() =>
      (window.parleyDevice as unknown as ConsoleDevices).activeCall?.media.setPreferredQuality('low'),
    );
    await expect.poll(() => heightAt(alice)).toBe(90);
    await expect.poll(() => sizesOf(jenny)).toEqual(['r0']);
    await alice.expectToSee('green');
    await alice.page.evaluate(() =>
      (window.parleyDevice as unknown as ConsoleDevices).activeCall?.media.setPreferredQuality('high'),
    );
    await expect.poll(() => sizesOf(jenny)).toEqual(['r0', 'r1', 'r2']);
    const isLargeAgain = expect.poll(() => heightAt(alice), { timeout: 45_000 });
    await isLargeAgain.toBeGreaterThan(90);
  });

  test('[DV2] a Firefox changes its microphone during a call', async ({ phones }) => {
    const { alice, jenny } = await talk(phones, { isFirefox: true });
    await useHeadset(jenny);
    await alice.expectToHear('bob');
    await jenny.page.evaluate(() => window.virtual.unplug('virtual headset'));
    await alice.expectToHear('firefox');
  });

  test('[DV16] [DV17] in a call the screen stays on, and the media controls of the system mute and hang up', async ({
    phones,
  }) => {
    const alice = await phones.open('alice', { initScript: installSystemSpy });
    const jenny = await phones.open('jenny', { initScript: installSystemSpy, isFirefox: true });
    await alice.dial('jenny');
    await jenny.accept();
    await alice.expectToHear('firefox');

    // Devices are looked after once a call has been on for a moment.
    for (const { page } of [alice, jenny])
      await expect.poll(() => page.evaluate(() => window.system.screenLocks())).toBe(1);
    await expect.poll(() => alice.page.evaluate(() => window.system.title())).toBe('jenny');
    await expect.poll(() => jenny.page.evaluate(() => window.system.title())).toBe('alice');
    expect(await alice.page.evaluate(() => window.system.press('togglemicrophone'))).toBe(true);
    await jenny.expectToHear('silence');
    expect(await alice.page.evaluate(() => window.system.press('togglecamera'))).toBe(false);
    expect(await alice.page.evaluate(() => window.system.press('hangup'))).toBe(true);

    await jenny.expectEnded({ reason: 'remote-hangup' });
    for (const { page } of [alice, jenny]) {
      await expect.poll(() => page.evaluate(() => window.system.screenLocks())).toBe(0);
      await expect.poll(() => page.evaluate(() => window.system.title())).toBeNull();
    }
  });
});
