import { expect, test } from '../support/test.ts';

test.describe('an audio call', () => {
  test('[CL1] two people hear one another, and nobody sees anybody', async ({ phones }) => {
    const alice = await phones.open('alice');
    const jenny = await phones.open('jenny');

    await alice.dial('jenny');
    await jenny.expectRinging('alice');
    await jenny.accept();

    await Promise.all([alice.expectTalking(), jenny.expectTalking()]);
    await Promise.all([alice.expectToHear('jenny'), jenny.expectToHear('alice')]);
    expect(await alice.sees()).toBe('nothing');
    expect(await alice.lights()).toEqual(['microphone']);
    expect(await jenny.lights()).toEqual(['microphone']);
  });
});
