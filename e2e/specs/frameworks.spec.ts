import type { Page } from '@playwright/test';
import { BuiltPages } from '../support/build.ts';
import { Gateway } from '../support/gateway.ts';
import { expect, test } from '../support/test.ts';

const STORIES = [
  { framework: 'react', title: '[PK27] two people call one another in React: they see, hear and hang up' },
  { framework: 'vue', title: '[PK67] two people call one another in Vue: they see, hear and hang up' },
] as const;

for (const { framework, title } of STORIES) {
  test(title, async ({ application, usualBrowser, webhooks }) => {
    test.setTimeout(120_000);
    void webhooks;
    using pages = new BuiltPages();
    await pages.example(framework);
    await using gateway = await Gateway.start({
      PARLEY_SOFTPHONE: pages.folder,
      PARLEY_VOICE_URL: application.url('/voice'),
      PARLEY_ALLOW: '127.0.0.1',
    });
    const troubles: string[] = [];
    const open = async (person: 'alice' | 'jenny'): Promise<Page> => {
      const page = await (await (await usualBrowser(person)).newContext()).newPage();
      page.on('pageerror', (error) => troubles.push(error.message));
      page.on('console', (line) => line.type() === 'error' && troubles.push(line.text()));
      await page.goto(`${gateway.url}/?as=${person}`);
      await expect(page.getByTestId('state')).toHaveText('registered');
      return page;
    };
    const [alice, jenny] = [await open('alice'), await open('jenny')];
    await alice.getByLabel('Whom?').fill('jenny');
    await alice.getByRole('button', { name: 'Call' }).click();
    await expect(jenny.getByRole('status')).toHaveText('Incoming video call from alice');
    await jenny.getByRole('button', { name: 'Answer' }).click();
    for (const page of [alice, jenny]) {
      await expect(page.getByTestId('status')).toHaveText('open');
      const width = () => page.getByTestId('remote').evaluate((video: HTMLVideoElement) => video.videoWidth);
      await expect.poll(width).toBeGreaterThan(0);
      await expect(page.locator('video.self')).toHaveCSS('transform', /matrix\(-1/);
    }
    await alice.getByRole('button', { name: 'Mute' }).click();
    await expect(alice.getByRole('button', { name: 'Mute' })).toHaveAttribute('aria-pressed', 'true');
    await alice.getByRole('button', { name: 'Hang up' }).click();
    await expect(alice.getByText('The last call ended: hangup')).toBeVisible();
    await expect(jenny.getByText('The last call ended: remote-hangup')).toBeVisible();
    for (const page of [alice, jenny]) await page.context().close();
    expect(troubles).toEqual([]);
  });
}
