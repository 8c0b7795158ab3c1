import { Device } from '@parley/client';
import { ClientProvider } from '@parley/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Phone } from './phone.tsx';

// `?as=alice` is who this is. The demonstration gateway gives anybody any name; yours asks who is signed in.
const name = new URL(location.href).searchParams.get('as') ?? 'guest';
const device = new Device(async ({ signal }) => {
  const answer = await fetch(`/demo/token?identity=${encodeURIComponent(name)}`, { signal });
  const { token } = (await answer.json()) as { readonly token: string };
  return token;
});
device.register().catch((error: unknown) => console.error('not registered', error));

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no #app');
createRoot(root).render(
  <StrictMode>
    <ClientProvider device={device}>
      <Phone />
    </ClientProvider>
  </StrictMode>,
);
