import { Device } from '@parley/client';
import { onClick, remote, show, to, token } from './page.js';

const device = new Device(token);
const take = (call) => {
  call.media.attach(remote);
  const look = () => show('call', call.status());
  call.store.subscribe(look);
  look();
  onClick('answer', () => call.accept({ video: true }));
  onClick('hang-up', () => call.disconnect());
};
device.on('incoming', take);
device.on('connection', ({ state }) => show('connection', state));
await device.register();
show('state', device.state);
if (to !== null) take(await device.connect({ to, video: true, params: { Video: 'true' } }));
