import { Device } from '@parley/client';
import { clientPlugin } from '@parley/vue';
import { createApp } from 'vue';
import Phone from './Phone.vue';

// `?as=alice` is who this is. The demonstration gateway gives anybody any name; yours asks who is signed in.
const name = new URL(location.href).searchParams.get('as') ?? 'guest';
const device = new Device(async ({ signal }) => {
  const answer = await fetch(`/demo/token?identity=${encodeURIComponent(name)}`, { signal });
  const { token } = (await answer.json()) as { readonly token: string };
  return token;
});
device.register().catch((error: unknown) => console.error('not registered', error));

createApp(Phone).use(clientPlugin(device)).mount('#app');
